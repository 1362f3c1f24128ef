#include "transcript/record_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transcript/piecemeal_stream.hpp"

namespace loci::transcript {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Record> records(std::string bytes, std::size_t piece = 1 << 20,
                            std::size_t limit = RecordStream::default_limit) {
  PiecemealStream stream(std::move(bytes), piece);
  RecordStream cut(stream, limit);
  std::vector<Record> found;
  while (auto record = cut.next()) found.push_back(*std::move(record));
  return found;
}

std::vector<std::string> texts(const std::vector<Record>& records) {
  std::vector<std::string> out;
  for (const Record& record : records) out.push_back(record.fault.empty() ? record.text : "FAULT");
  return out;
}

TEST(RecordStream, CutsTheElementsOfAnArrayWhateverTheirStringsHold) {
  const std::string bytes = R"( [ {"a":"]}\""} , {"b":[1,{"c":"\\"}]},7, "x,]" ,[] ] )";
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
    EXPECT_THAT(texts(records(bytes, piece)),
                ElementsAre(R"({"a":"]}\""})", R"({"b":[1,{"c":"\\"}]})", "7", R"("x,]")", "[]"));
  }
}

TEST(RecordStream, SaysWhichElementAndAtWhichByte) {
  const auto found = records("[\n{\"a\":1},\n{\"b\":2}]");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].where, "conversation 1 (byte 2)");
  EXPECT_EQ(found[1].where, "conversation 2 (byte 11)");
}

TEST(RecordStream, CutsLinesAndPassesOverBlankOnes) {
  const auto found = records("\xef\xbb\xbf{\"a\":1}\r\n\r\n  \n{\"b\":2}\n{\"c\":3}");
  EXPECT_THAT(texts(found), ElementsAre(R"({"a":1})", R"({"b":2})", R"({"c":3})"));
  EXPECT_EQ(found[1].where, "line 4");
  EXPECT_FALSE(found[1].last);
  EXPECT_TRUE(found[2].last);
}

TEST(RecordStream, LosesOnlyTheLineThatIsBroken) {
  const auto found = records("{\"a\":1}\n{\"b\":\"torn\n{\"c\":3}\n");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[1].text, R"({"b":"torn)");  // the parser refuses it
  EXPECT_EQ(found[2].text, R"({"c":3})");
}

TEST(RecordStream, FindsTheNextLineWhenTheVeryFirstIsTorn) {
  for (const char* torn : {"{\"a\":\"torn\n", "{\"a\":{\"b\":1}\n", "{\"a\":1\n"}) {
    const auto found = records(std::string(torn) + "{\"c\":3}\n{\"d\":4}\n");
    EXPECT_THAT(texts(found), ElementsAre("FAULT", R"({"c":3})", R"({"d":4})")) << torn;
    EXPECT_EQ(found[0].where, "line 1");
    EXPECT_EQ(found[1].where, "line 2");
  }
}

TEST(RecordStream, SplitsPrettyPrintedObjectsWhereTheirBracketsClose) {
  const auto found = records("{\n  \"a\": [\n{\n}\n]\n}\n{\n\"b\": 2}{\"c\":3}\n");
  EXPECT_THAT(texts(found), ElementsAre("{\n  \"a\": [\n{\n}\n]\n}", "{\n\"b\": 2}", R"({"c":3})"));
  EXPECT_EQ(found[1].where, "line 7");
}

TEST(RecordStream, SplitsObjectsOfOneLine) {
  EXPECT_THAT(texts(records(R"({"a":1}{"b":2} {"c":3})")),
              ElementsAre(R"({"a":1})", R"({"b":2})", R"({"c":3})"));
}

TEST(RecordStream, TellsTheArraysOfAFileApart) {
  const auto found = records("[1,2]\n[3]\n");
  EXPECT_THAT(texts(found), ElementsAre("1", "2", "3"));
  EXPECT_EQ(found[1].array, 1U);
  EXPECT_EQ(found[2].array, 2U);
}

TEST(RecordStream, GivesAllCompleteElementsOfATruncatedArrayFirst) {
  const auto inside = records(R"([{"a":1},{"b":2},{"c":)");
  EXPECT_THAT(texts(inside), ElementsAre(R"({"a":1})", R"({"b":2})", "FAULT"));
  EXPECT_THAT(inside[2].fault, HasSubstr("cut off inside"));
  const auto between = records(R"([{"a":1},)");
  EXPECT_THAT(texts(between), ElementsAre(R"({"a":1})", "FAULT"));
  EXPECT_THAT(between[1].fault, HasSubstr("not closed"));
}

TEST(RecordStream, TellsThatADocumentIsCutOff) {
  const auto found = records("{\"a\":\n{\"b\":1");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].fault, HasSubstr("cut off"));
}

TEST(RecordStream, PassesOverARecordOverTheLimitAndGoesOn) {
  const std::string big = "{\"a\":\"" + std::string(3 << 20, 'x') + "\"}";
  for (const std::string& bytes :
       {"[" + big + ",{\"b\":2}]", "{\"b\":1}\n" + big + "\n{\"b\":2}\n"}) {
    const auto found = records(bytes, 1 << 16, std::size_t{2} << 20);
    EXPECT_EQ(found.back().text, R"({"b":2})");
    const auto& refused = found[found.size() - 2];
    EXPECT_EQ(refused.fault, "larger than 2 MB");
    EXPECT_TRUE(refused.text.empty());
  }
}

TEST(RecordStream, GivesNothingForNothing) {
  EXPECT_TRUE(records("").empty());
  EXPECT_TRUE(records("\xef\xbb\xbf").empty());
  EXPECT_TRUE(records(" \n\n").empty());
  EXPECT_TRUE(records("[]").empty());
}

TEST(RecordStream, RefusesUtf16) {
  const auto found = records(std::string("\xff\xfe{\0", 4));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].fault, HasSubstr("UTF-16"));
}

}  // namespace
}  // namespace loci::transcript
