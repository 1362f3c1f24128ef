#include <loci/base/error.hpp>
#include <loci/base/text.hpp>
#include <loci/base/time.hpp>
#include <loci/base/uuid.hpp>

#include <gmock/gmock.h>
#include <set>

namespace loci {
namespace {

using namespace std::chrono_literals;

TEST(Uuid, PrintsWhatItParses) {
  const std::string text = "0192f0c1-2b3d-7e4f-8a5b-6c7d8e9fa0b1";
  ASSERT_TRUE(Uuid::parse(text));
  EXPECT_EQ(Uuid::parse(text)->str(), text);
  EXPECT_EQ(Uuid::parse("0192F0C1-2B3D-7E4F-8A5B-6C7D8E9FA0B1")->str(), text);
  EXPECT_FALSE(Uuid::parse("0192f0c12b3d7e4f8a5b6c7d8e9fa0b1"));
  EXPECT_FALSE(Uuid::parse("0192f0c1-2b3d-7e4f-8a5b-6c7d8e9fa0bg"));
}

TEST(Uuid, Version7IsUniqueAndInOrder) {
  Uuid last;
  std::set<Uuid> seen;
  for (int i = 0; i < 20000; ++i) {
    const Uuid id = Uuid::v7();
    ASSERT_LT(last, id);
    ASSERT_TRUE(seen.insert(id).second);
    last = id;
  }
  EXPECT_EQ(last.bytes()[6] >> 4, 7);
  EXPECT_EQ(last.bytes()[8] >> 6, 2);
}

TEST(Uuid, ADerivedIdDependsOnTimeAndNameAlone) {
  const Timestamp time = *parse_timestamp("2024-01-02T03:04:05Z");
  EXPECT_EQ(Uuid::derived(time, "a"), Uuid::derived(time, "a"));
  EXPECT_NE(Uuid::derived(time, "a"), Uuid::derived(time, "b"));
  EXPECT_LT(Uuid::derived(time, "b"), Uuid::derived(time + 1ms, "a"));
  EXPECT_EQ(Uuid::derived(time, "a").bytes()[6] >> 4, 8);
}

TEST(Timestamp, ReadsAndWritesRfc3339) {
  for (const char* text :
       {"2024-10-29T15:59:18.774635Z", "1969-12-31T23:59:59Z", "2024-02-29T00:00:00Z"}) {
    EXPECT_EQ(to_rfc3339(parse_timestamp(text).value()), text);
  }
  EXPECT_EQ(to_rfc3339(*parse_timestamp("2024-10-29T16:00:00.5+01:30")),
            "2024-10-29T14:30:00.500000Z");
  EXPECT_EQ(to_rfc3339(*parse_timestamp("2024-10-29 16:00")), "2024-10-29T16:00:00Z");
  EXPECT_EQ(to_rfc3339(*parse_timestamp("2024-10-29")), "2024-10-29T00:00:00Z");
}

TEST(Timestamp, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2024", "2023-02-29", "2024-10-29T25:00:00Z", "2024-10-29T10:00:00Zx", "now"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
  EXPECT_FALSE(from_unix_seconds(1e300));
  EXPECT_EQ(to_rfc3339(*from_unix_seconds(1704067200.25)), "2024-01-01T00:00:00.250000Z");
}

TEST(Text, ReplacesOnlyWhatPostgresRejects) {
  EXPECT_EQ(to_storable("plain é"), "plain é");
  EXPECT_EQ(to_storable(std::string_view("a\0b", 3)),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(to_storable("a\xed\xa0\x80z"), "a\xef\xbf\xbdz");  // an encoded surrogate
  EXPECT_EQ(to_storable("\xff\xfe"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_TRUE(is_storable(to_storable("\xf0\x9f\x98")));
}

TEST(Text, APrefixNeverCutsACharacter) {
  EXPECT_EQ(utf8_prefix("aé", 2), "a");
  EXPECT_EQ(utf8_prefix("aé", 3), "aé");
}

TEST(Error, KnowsWhatMayBeTriedAgain) {
  const Error deadlock(
      ServerError{.severity = "ERROR", .sqlstate = "40P01", .message = "deadlock detected"}, "Q");
  EXPECT_TRUE(deadlock.retryable());
  EXPECT_STREQ(deadlock.what(), "Q: deadlock detected (SQLSTATE 40P01)");
  EXPECT_FALSE(deadlock.with_unknown_outcome().retryable());
  EXPECT_EQ(deadlock.with_context("import").sqlstate(), "40P01");
  const Error shutdown(ServerError{.severity = "FATAL", .sqlstate = "57P01", .message = "bye"}, "");
  EXPECT_TRUE(shutdown.connection_lost());
}

}  // namespace
}  // namespace loci
