#include "embed/retry.hpp"

#include <gmock/gmock.h>

namespace loci::embed {
namespace {

using namespace std::chrono_literals;

constexpr RetryOptions options{.max_retries = 40, .base = 500ms, .cap = 8s};

TEST(RetryWait, DoublesUpToItsCap) {
  EXPECT_EQ(retry_wait(options, 0, {}, 0.999, 1h), 499ms);
  EXPECT_EQ(retry_wait(options, 3, {}, 0.5, 1h), 2s);
  EXPECT_EQ(retry_wait(options, 4, {}, 0.5, 1h), 4s);
  EXPECT_EQ(retry_wait(options, 39, {}, 0.5, 1h), 4s);
  EXPECT_EQ(retry_wait(options, 7, {}, 0, 1h), 0ms);
}

TEST(RetryWait, GivesUpAfterTheLastRetryOrPastTheDeadline) {
  EXPECT_EQ(retry_wait(options, 40, {}, 0.5, 1h), std::nullopt);
  EXPECT_EQ(retry_wait(options, 0, {}, 0.5, 250ms), std::nullopt);
  EXPECT_EQ(retry_wait(options, 0, {}, 0, 0ms), std::nullopt);
}

TEST(RetryWait, NeverComesBeforeWhatTheServerAsked) {
  EXPECT_EQ(retry_wait(options, 0, 20s, 0, 1h), 20s);
  EXPECT_EQ(retry_wait(options, 0, 20s, 0.5, 1h), 20'250ms);
}

TEST(RetryAfter, IsSecondsOrADateOrNothing) {
  const auto now = std::chrono::sys_days(std::chrono::year(2024) / 5 / 6);
  EXPECT_EQ(parse_retry_after("120", now), 120s);
  EXPECT_EQ(parse_retry_after(" 0 ", now), 0s);
  EXPECT_EQ(parse_retry_after("Mon, 06 May 2024 00:01:00 GMT", now), 60s);
  EXPECT_EQ(parse_retry_after("Sun, 05 May 2024 00:00:00 GMT", now), 0s);
  EXPECT_EQ(parse_retry_after("999999999999", now), 8760h);
  for (const char* text : {"", "soon", "-5", "1.5s"}) {
    EXPECT_EQ(parse_retry_after(text, now), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace loci::embed
