#include <loci/base/error.hpp>
#include <loci/embed/hashing_embedder.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace loci::embed {
namespace {

using testing::Each;

std::vector<float> embed(const std::string& text, std::size_t dimensions = 384) {
  return HashingEmbedder({.dimensions = dimensions}).embed(std::span(&text, 1)).at(0);
}

double similarity(const std::string& a, const std::string& b) {
  const auto left = embed(a);
  const auto right = embed(b);
  return std::inner_product(left.begin(), left.end(), right.begin(), 0.0);
}

double length(const std::vector<float>& v) {
  return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
}

TEST(HashingEmbedder, HasANameThatTellsVersionAndDimensions) {
  EXPECT_EQ(HashingEmbedder().name(), "hashing-v1-384");
  EXPECT_EQ(HashingEmbedder({.dimensions = 1024}).name(), "hashing-v1-1024");
  EXPECT_EQ(embed("x", 1024).size(), 1024U);
  EXPECT_THROW(HashingEmbedder({.dimensions = 0}), Error);
  EXPECT_THROW(HashingEmbedder({.dimensions = 16'001}), Error);
}

TEST(HashingEmbedder, GivesZerosForATextWithoutWords) {
  for (const char* text : {"", " \n\t", "\u00a0\u3000", "... --- !?", "\xff\xfe"}) {
    EXPECT_THAT(embed(text), Each(0.0F)) << text;
  }
}

TEST(HashingEmbedder, EmbedsStopWordsWhenThereIsNothingElse) {
  EXPECT_NEAR(length(embed("how are you")), 1, 1e-6);
}

TEST(HashingEmbedder, GivesOneVectorATextInOrder) {
  const std::vector<std::string> texts{"alpha", "", "beta"};
  const auto vectors = HashingEmbedder().embed(texts);
  EXPECT_THAT(vectors, testing::ElementsAre(embed("alpha"), embed(""), embed("beta")));
}

// A change here means another space: raise the version in the name.
TEST(HashingEmbedder, KeepsItsVectorsForEver) {
  const auto vector = embed("How did I fix the deadlock in the connection pool? 東京 naïve Ёлка");
  const std::pair<std::size_t, float> golden[] = {
      {7, -0.0895449F},   {41, -0.1273862F},  {88, 0.0596966F},  {119, -0.1266356F},
      {149, -0.0206795F}, {192, -0.0206795F}, {244, 0.1492415F}, {273, 0.1033976F},
      {307, 0.0676896F},  {352, -0.0676896F}};
  for (const auto& [at, value] : golden) EXPECT_NEAR(vector[at], value, 1e-6) << at;
  EXPECT_EQ(std::ranges::count(vector, 0.0F), 298);
}

TEST(HashingEmbedder, FoldsCaseAccentsAndWidth) {
  EXPECT_NEAR(similarity("Naïve CAFÉ", "naive cafe"), 1, 1e-6);
  EXPECT_NEAR(similarity("cafe\u0301", "café"), 1, 1e-6);
  EXPECT_NEAR(similarity("ПРИВЕТ Ёлка", "привет елка"), 1, 1e-6);
  EXPECT_NEAR(similarity("ΑΘΗΝΑΣ Άλφα", "αθηνας αλφα"), 1, 1e-6);
  EXPECT_NEAR(similarity("ＡＢＣ１２３", "abc123"), 1, 1e-6);
  EXPECT_NEAR(similarity("don't panic", "don’t panic"), 1, 1e-6);
}

TEST(HashingEmbedder, BringsTheFormsOfAWordTogether) {
  EXPECT_GT(similarity("configured deadlocks", "configuring a deadlock"), 0.6);
  EXPECT_GT(similarity("running queries", "run the query"), 0.3);
}

TEST(HashingEmbedder, FindsPartsOfTextsWithoutSpaces) {
  EXPECT_GT(similarity("東京の天気は晴れです", "東京の天気"), 0.4);
  EXPECT_LT(similarity("東京の天気は晴れです", "猫を飼いたい"), 0.25);
}

TEST(HashingEmbedder, CountsStopWordsLittle) {
  const std::string question = "how did I fix the deadlock";
  EXPECT_GT(similarity(question, "a deadlock, and its fix"),
            similarity(question, "how did I get the cake") + 0.3);
}

TEST(HashingEmbedder, ForgivesATypingError) {
  EXPECT_GT(similarity("postgresql replication", "postgersql replicaton"), 0.35);
}

std::string random_words(std::mt19937& random, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t n = 3 + random() % 7; n > 0; --n) {
      text.push_back(static_cast<char>('a' + random() % 26));
    }
    text.push_back(' ');
  }
  return text;
}

TEST(HashingEmbedder, ATextWithOneEditedWordIsNearerThanAnUnrelatedOne) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    const std::string kept = random_words(random, 6 + random() % 30);
    const std::string text = kept + random_words(random, 1);
    const std::string edited = kept + random_words(random, 1);
    const std::string unrelated = random_words(random, 7 + random() % 30);
    ASSERT_GT(similarity(text, edited), similarity(text, unrelated) + 0.25) << text;
  }
}

TEST(HashingEmbedder, AnyBytesGiveZerosOrUnitLengthAndTheSameTwice) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const auto vector = embed(bytes);
    const double size = length(vector);
    ASSERT_TRUE(size == 0 || std::abs(size - 1) < 1e-5) << size;
    ASSERT_EQ(vector, embed(bytes));
  }
}

TEST(HashingEmbedder, TakesHugeWordsAndTexts) {
  EXPECT_NEAR(length(embed(std::string(1'000'000, 'z'))), 1, 1e-5);
  std::mt19937 random(3);
  EXPECT_NEAR(length(embed(random_words(random, 50'000))), 1, 1e-5);
}

}  // namespace
}  // namespace loci::embed
