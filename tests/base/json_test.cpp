#include <loci/base/error.hpp>
#include <loci/base/json.hpp>
#include <loci/base/json_writer.hpp>

#include <gmock/gmock.h>
#include <random>

namespace loci {
namespace {

TEST(Json, ReadsMembersElementsAndScalars) {
  const auto doc =
      JsonDocument::parse(R"( {"a": [1, 2.5, "x\n\u00e9"], "b": {"c": null, "d": true}} )");
  const Json root = doc.root();
  EXPECT_EQ(root.size(), 2U);
  std::vector<std::string> raws;
  for (Json element : root["a"]) raws.emplace_back(element.raw());
  EXPECT_THAT(raws, testing::ElementsAre("1", "2.5", R"("x\n\u00e9")"));
  EXPECT_EQ((*++ ++root["a"].begin()).string(), "x\n\xc3\xa9");
  EXPECT_TRUE(root["b"]["c"].is_null());
  EXPECT_EQ(root["b"]["d"].boolean(), true);
}

TEST(Json, KeepsTheBytesOfEveryValue) {
  const std::string object = R"({ "n":1.0e0 , "s" : "\ud800" ,"e":[ ] , "o":{ } })";
  const auto doc = JsonDocument::parse("  " + object + " \n");
  EXPECT_EQ(doc.root().raw(), object);
  EXPECT_EQ(doc.root()["n"].raw(), "1.0e0");
  EXPECT_EQ(doc.root()["s"].raw(), R"("\ud800")");
  EXPECT_EQ(doc.root()["e"].raw(), "[ ]");
  EXPECT_EQ(doc.root()["o"].raw(), "{ }");
}

TEST(Json, MakesNulAndLoneSurrogatesStorable) {
  const auto doc = JsonDocument::parse(R"(["a\u0000b", "\ud83d\ude00", "\ud83dx", "\udc00"])");
  std::vector<std::string> texts;
  for (Json element : doc.root()) texts.push_back(*element.string());
  EXPECT_THAT(texts, testing::ElementsAre("a\xef\xbf\xbd"
                                          "b",
                                          "\xf0\x9f\x98\x80", "\xef\xbf\xbdx", "\xef\xbf\xbd"));
}

TEST(Json, EscapesThatJsonbRefusesAreReplacedAndNoOthers) {
  EXPECT_EQ(
      to_storable_json(R"({"a\u0000":"\u0000\ud83d\ude00\ud83dx\udc00\\\u0000 \\u0000 \u00e9"})"),
      R"({"a\ufffd":"\ufffd\ud83d\ude00\ufffdx\ufffd\\\ufffd \\u0000 \u00e9"})");
  EXPECT_EQ(to_storable_json("[1]"), "[1]");
}

TEST(Json, AMissingMemberIsMissingAllTheWayDown) {
  const auto doc = JsonDocument::parse(R"({"a": 1})");
  EXPECT_FALSE(doc.root()["x"]["y"]["z"].exists());
  EXPECT_EQ(doc.root()["x"].string_or("none"), "none");
  EXPECT_EQ(doc.root()["a"]["b"].raw(), "");
}

TEST(Json, IntegersAreExactOrNothing) {
  const auto doc =
      JsonDocument::parse("[9007199254740993, 3.0, 3.5, 123456789012345678901234567890]");
  std::vector<std::optional<std::int64_t>> got;
  for (Json element : doc.root()) got.push_back(element.integer());
  EXPECT_THAT(got, testing::ElementsAre(9007199254740993, 3, std::nullopt, std::nullopt));
}

TEST(Json, ANumberBeyondADoubleKeepsItsText) {
  for (const std::string text : {"1e400", "-1E+400", "0.5e-400", "-0", "1e10000"}) {
    EXPECT_EQ(JsonDocument::parse("[" + text + "]").root().begin().operator*().raw(), text);
    EXPECT_EQ(JsonDocument::parse(text).root().raw(), text);
  }
  EXPECT_EQ(JsonDocument::parse("1e400").root().number(), std::nullopt);
  EXPECT_EQ(JsonDocument::parse("1e400").root().integer(), std::nullopt);
  for (const std::string text : {"01", "1.", ".5", "1e", "1e+", "-", "+1", "1e10001",
                                 "1e99999999999", "1x", "--1", "1.e5"}) {
    EXPECT_THROW((void)JsonDocument::parse("[" + text + "]"), Error) << text;
    EXPECT_THROW((void)JsonDocument::parse(text), Error) << text;
  }
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text :
       {"", "{", "[1,]", "{\"a\" 1}", "tru", "[1] x", "\"\\x\"", "[\"a\nb\"]", "01", "[nul]"}) {
    EXPECT_THROW((void)JsonDocument::parse(text), Error) << text;
  }
  EXPECT_THROW((void)JsonDocument::parse(std::string(2000, '[') + std::string(2000, ']')), Error);
}

TEST(Json, SurvivesBytesThatAreNotUtf8) {
  const auto doc = JsonDocument::parse("[\"a\xff\"]");
  EXPECT_EQ((*doc.root().begin()).string(), "a\xef\xbf\xbd");
}

// Writes a random value and remembers how: what is read back must be the very same bytes.
std::string random_json(std::mt19937& random, int depth) {
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const auto space = [&] {
    return std::string(static_cast<std::size_t>(pick(3)), " \t\n"[pick(3)]);
  };
  switch (pick(depth > 0 ? 7 : 5)) {
    case 0:
      return "null";
    case 1:
      return pick(2) != 0 ? "true" : "false";
    case 2:
      return std::to_string(pick(2000) - 1000) + (pick(2) != 0 ? ".5e3" : "");
    case 3:
      return R"("\ud800\u0000 \"é\\")";
    case 4:
      return "\"\"";
    case 5: {
      std::string out = "[" + space();
      for (int i = 0, n = pick(5); i < n; ++i) {
        out += (i != 0 ? "," : "") + space() + random_json(random, depth - 1) + space();
      }
      return out + "]";
    }
    default: {
      std::string out = "{" + space();
      for (int i = 0, n = pick(5); i < n; ++i) {
        out += (i != 0 ? "," : "") + space() + "\"k" + std::to_string(i) + "\"" + space() + ":" +
               space() + random_json(random, depth - 1) + space();
      }
      return out + "}";
    }
  }
}

TEST(Json, ReadsAnyTextBackByteForByte) {
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = random_json(random, 6);
    ASSERT_EQ(JsonDocument::parse(text).root().raw(), text);
    // Cutting it anywhere is either an error or a shorter valid value, never a crash.
    std::string cut = text.substr(0, random() % (text.size() + 1));
    try {
      (void)JsonDocument::parse(cut);
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::invalid_input);
    }
  }
}

TEST(JsonWriter, PutsCommasAndQuotesWhereTheyBelong) {
  JsonWriter out;
  out.object().member("a").array().value(1).value("x\"\x01").null().close();
  out.member("b").object().close().member("c").value(0.1).member("d").value(true).close();
  EXPECT_EQ(out.text(), R"({"a":[1,"x\"\u0001",null],"b":{},"c":0.1,"d":true})");
}

}  // namespace
}  // namespace loci
