#include <loci/base/error.hpp>
#include <loci/embed/make_embedder.hpp>

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

#include "embed/openai_fixture.hpp"

namespace loci::embed {
namespace {

using test::Endpoint;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pointwise;
using testing::SizeIs;

std::vector<float> expected_vector(const std::string& text) {
  const auto size = static_cast<float>(text.size());
  const float length = std::sqrt(size * size + 1);
  return {size / length, 1 / length, 0};
}

MATCHER_P(IsVectorOf, text, "") {
  return testing::ExplainMatchResult(Pointwise(testing::FloatEq(), expected_vector(text)), arg,
                                     result_listener);
}

TEST(OpenAiEmbedder, GivesVectorsInTheOrderOfTheTextsWhateverTheOrderOfTheAnswer) {
  Endpoint endpoint;
  EXPECT_THAT(endpoint.embed({"one", "three", "seventeen"}),
              ElementsAre(IsVectorOf("one"), IsVectorOf("three"), IsVectorOf("seventeen")));
}

TEST(OpenAiEmbedder, SendsModelTextsAndKey) {
  Endpoint endpoint;
  (void)endpoint.embed({"he said \"hi\"\n", "a\xff"});
  const auto requests = endpoint.server.requests();
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_THAT(requests[0].head, HasSubstr("POST /v1/embeddings HTTP/1.1\r\n"));
  EXPECT_THAT(requests[0].head, HasSubstr("Authorization: Bearer sk-very-secret-1234\r\n"));
  EXPECT_THAT(test::inputs_of(requests[0]), ElementsAre("he said \"hi\"\n", "a\xef\xbf\xbd"));
  const auto body = JsonDocument::parse(requests[0].body);
  EXPECT_EQ(body.root()["model"].string(), "tiny");
  EXPECT_EQ(body.root()["encoding_format"].string(), "float");
  EXPECT_FALSE(body.root()["dimensions"].exists());
}

TEST(OpenAiEmbedder, SendsNoAuthorizationWithoutAKey) {
  Endpoint endpoint;
  endpoint.options.api_key = {};
  (void)endpoint.embed({"x"});
  EXPECT_THAT(endpoint.server.requests().at(0).head, Not(HasSubstr("Authorization")));
}

TEST(OpenAiEmbedder, AsksForDimensionsWhereTold) {
  Endpoint endpoint;
  endpoint.options.dimensions = 3;
  endpoint.options.send_dimensions = true;
  EXPECT_EQ(OpenAiEmbedder(endpoint.options).name(), "openai:tiny@3");
  (void)endpoint.embed({"x"});
  EXPECT_THAT(endpoint.server.requests().at(0).body, HasSubstr("\"dimensions\":3"));
}

TEST(OpenAiEmbedder, LearnsItsDimensionsFromTheEndpointOnce) {
  Endpoint endpoint;
  const OpenAiEmbedder embedder(endpoint.options, endpoint.pacing);
  EXPECT_EQ(embedder.name(), "openai:tiny");
  EXPECT_EQ(embedder.dimensions(), 3U);
  EXPECT_EQ(embedder.dimensions(), 3U);
  EXPECT_THAT(endpoint.server.requests(), SizeIs(1));
}

TEST(OpenAiEmbedder, SplitsWhatIsMoreThanABatch) {
  Endpoint endpoint;
  endpoint.options.batch_size = 2;
  const auto vectors = endpoint.embed({"a", "bb", "ccc", "dddd", "eeeee"});
  EXPECT_THAT(vectors, ElementsAre(IsVectorOf("a"), IsVectorOf("bb"), IsVectorOf("ccc"),
                                   IsVectorOf("dddd"), IsVectorOf("eeeee")));
  EXPECT_THAT(endpoint.server.requests(), SizeIs(3));
}

TEST(OpenAiEmbedder, SendsNoBlankTextAndGivesZerosForIt) {
  Endpoint endpoint;
  const std::vector<float> zeros(3);
  EXPECT_THAT(endpoint.embed({"", "word", " \n\u3000"}),
              ElementsAre(zeros, IsVectorOf("word"), zeros));
  EXPECT_THAT(test::inputs_of(endpoint.server.requests().at(0)), ElementsAre("word"));
  endpoint.options.dimensions = 3;
  EXPECT_THAT(endpoint.embed({" "}), ElementsAre(zeros));
  EXPECT_THAT(endpoint.server.requests(), SizeIs(1));
}

TEST(OpenAiEmbedder, AnswersManyThreadsAtOnce) {
  Endpoint endpoint;
  OpenAiEmbedder embedder(endpoint.options, endpoint.pacing);
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 1; t <= 8; ++t) {
      threads.emplace_back([&, t] {
        const std::vector<std::string> texts{std::string(t, 'x'), std::string(t + 20, 'y')};
        for (int i = 0; i < 20; ++i) {
          const auto vectors = embedder.embed(texts);
          right += testing::Matches(IsVectorOf(texts[0]))(vectors[0]) &&
                   testing::Matches(IsVectorOf(texts[1]))(vectors[1]);
        }
      });
    }
  }
  EXPECT_EQ(right, 160);
}

TEST(OpenAiEmbedder, RefusesOptionsThatCannotWork) {
  const auto refused = [](auto change) {
    OpenAiOptions options;
    change(options);
    try {
      const OpenAiEmbedder embedder(options);
    } catch (const Error& error) {
      return error.kind() == ErrorKind::configuration;
    }
    return false;
  };
  for (const char* url : {"", "ftp://host/v1", "file:///etc/passwd", "host/v1", "http://",
                          "http://me:pw@host/v1", "http://host/v1?key=1"}) {
    EXPECT_TRUE(refused([&](auto& o) { o.base_url = url; })) << url;
  }
  EXPECT_TRUE(refused([](auto& o) { o.model = ""; }));
  EXPECT_TRUE(refused([](auto& o) { o.batch_size = 0; }));
  EXPECT_TRUE(refused([](auto& o) { o.send_dimensions = true; }));
  EXPECT_TRUE(refused([](auto& o) { o.timeout = {}; }));
  EXPECT_TRUE(refused([](auto& o) { o.api_key = Secret("a\r\nX-Evil: 1"); }));
  EXPECT_TRUE(refused([](auto& o) { o.api_key_file = "/nonexistent/key"; }));
  EXPECT_TRUE(refused([](auto& o) { o.api_key_variable = "LOCI_TEST_NO_SUCH_VARIABLE"; }));
}

TEST(OpenAiEmbedder, TakesItsKeyFromAVariable) {
  Endpoint endpoint;
  endpoint.options.api_key = {};
  endpoint.options.api_key_variable = "LOCI_TEST_EMBED_KEY";
  ::setenv("LOCI_TEST_EMBED_KEY", "from-variable", 1);
  (void)endpoint.embed({"x"});
  EXPECT_THAT(endpoint.server.requests().at(0).head, HasSubstr("Bearer from-variable\r\n"));
}

class KeyFile : public testing::Test {
protected:
  KeyFile() {
    std::ofstream(path_) << "from-file \nsecond line\n";
    endpoint_.options.api_key = {};
    endpoint_.options.api_key_file = path_;
  }
  ~KeyFile() override { std::filesystem::remove(path_); }

  std::string log_of_a_call() {
    testing::internal::CaptureStderr();
    (void)endpoint_.embed({"x"});
    return testing::internal::GetCapturedStderr();
  }

  const std::string path_ = testing::TempDir() + "loci_key_" + std::to_string(::getpid());
  Endpoint endpoint_;
};

TEST_F(KeyFile, IsReadInSilenceWhenOnlyItsOwnerCanReadIt) {
  std::filesystem::permissions(path_, std::filesystem::perms::owner_read);
  EXPECT_EQ(log_of_a_call(), "");
  EXPECT_THAT(endpoint_.server.requests().at(0).head, HasSubstr("Bearer from-file\r\n"));
}

TEST_F(KeyFile, IsWarnedOfWhenOthersCanReadIt) {
  using std::filesystem::perms;
  std::filesystem::permissions(path_, perms::owner_read | perms::others_read);
  const std::string log = log_of_a_call();
  EXPECT_THAT(log, HasSubstr("embed.key_file_open"));
  EXPECT_THAT(log, Not(HasSubstr("from-file")));
}

TEST(MakeEmbedder, MakesEachKind) {
  EXPECT_EQ(make_embedder({})->name(), "hashing-v1-384");
  EXPECT_EQ(make_embedder({.kind = "openai"})->name(), "openai:text-embedding-3-small");
}

TEST(MakeEmbedder, NamesTheKnownKindsWhenItKnowsNone) {
  try {
    (void)make_embedder({.kind = "magic"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("magic"), HasSubstr("hashing and openai")));
  }
}

}  // namespace
}  // namespace loci::embed
