#include <loci/base/error.hpp>
#include <loci/base/log.hpp>

#include <gmock/gmock.h>

#include "embed/openai_fixture.hpp"

namespace loci::embed {
namespace {

using test::Endpoint;
using test::error_answer;
using test::HttpServerAnswer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Fault = HttpServerAnswer::Fault;

Error error_of(Endpoint& endpoint, const std::vector<std::string>& texts = {"some text"}) {
  try {
    (void)endpoint.embed(texts);
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("no error came");
}

std::string data(const std::string& elements) {
  return "{\"data\":[" + elements + "]}";
}

TEST(OpenAiRetry, WaitsAsLongAsTheServerAsks) {
  Endpoint endpoint({{.status = 429, .headers = {"Retry-After: 3"}}});
  endpoint.options.backoff_base = std::chrono::milliseconds(100);
  EXPECT_THAT(endpoint.embed({"x"}), SizeIs(1));
  EXPECT_THAT(endpoint.pacing.waits(), ElementsAre(3050));
}

TEST(OpenAiRetry, UnderstandsADateInRetryAfter) {
  Endpoint endpoint({{.status = 503, .headers = {"Retry-After: Mon, 06 May 2024 00:00:10 GMT"}}});
  endpoint.options.backoff_base = {};
  EXPECT_THAT(endpoint.embed({"x"}), SizeIs(1));
  EXPECT_THAT(endpoint.pacing.waits(), ElementsAre(10'000));
}

TEST(OpenAiRetry, GivesUpAtOnceWhenTheServerAsksForMoreThanTheDeadline) {
  Endpoint endpoint({{.status = 429, .headers = {"Retry-After: 3600"}}});
  EXPECT_EQ(error_of(endpoint).kind(), ErrorKind::remote);
  EXPECT_THAT(endpoint.pacing.waits(), IsEmpty());
}

TEST(OpenAiRetry, BacksOffTwiceAsLongEachTimeUntilTheRetriesAreUsedUp) {
  Endpoint endpoint(std::vector(9, error_answer(500, "busy")));
  endpoint.options.backoff_cap = std::chrono::milliseconds(3000);
  const Error error = error_of(endpoint);
  EXPECT_EQ(error.kind(), ErrorKind::remote);
  EXPECT_THAT(error.what(), HasSubstr("(after 5 retries): status 500: busy"));
  EXPECT_THAT(endpoint.pacing.waits(), ElementsAre(250, 500, 1000, 1500, 1500));
  EXPECT_THAT(endpoint.server.requests(), SizeIs(6));
}

TEST(OpenAiRetry, StopsAtTheTotalDeadline) {
  Endpoint endpoint(std::vector(9, error_answer(500, "busy")));
  endpoint.options.total_timeout = std::chrono::milliseconds(1000);
  (void)error_of(endpoint);
  EXPECT_THAT(endpoint.pacing.waits(), ElementsAre(250, 500));
}

TEST(OpenAiRetry, SurvivesDroppedAndCutConnections) {
  Endpoint endpoint({{.fault = Fault::drop},
                     {.body = std::string(1000, ' '), .fault = Fault::half},
                     {.fault = Fault::drop}});
  EXPECT_THAT(endpoint.embed({"x"}), SizeIs(1));
  EXPECT_THAT(endpoint.pacing.waits(), SizeIs(3));
}

TEST(OpenAiRetry, TriesAgainWhenNobodyListens) {
  Endpoint endpoint;
  endpoint.options.base_url =
      test::HttpServer([](const auto&) { return HttpServerAnswer{}; }).url();
  endpoint.options.max_retries = 2;
  EXPECT_EQ(error_of(endpoint).kind(), ErrorKind::remote);
  EXPECT_THAT(endpoint.pacing.waits(), SizeIs(2));
}

TEST(OpenAiRetry, ASlowServerEndsInATimeout) {
  Endpoint endpoint({{.fault = Fault::hold}, {.fault = Fault::hold}});
  endpoint.options.timeout = std::chrono::milliseconds(50);
  endpoint.options.max_retries = 1;
  EXPECT_EQ(error_of(endpoint).kind(), ErrorKind::timeout);
  EXPECT_THAT(endpoint.server.requests(), SizeIs(2));
}

TEST(OpenAiRetry, DoesNotRepeatWhatTheEndpointRefuses) {
  for (const int status : {400, 401, 403, 404, 301}) {
    Endpoint endpoint({error_answer(status, "no, and here is why")});
    const Error error = error_of(endpoint);
    const bool key = status == 401 || status == 403;
    EXPECT_EQ(error.kind(), key ? ErrorKind::configuration : ErrorKind::remote) << status;
    EXPECT_THAT(error.what(), HasSubstr(std::to_string(status) + ": no, and here is why"));
    EXPECT_THAT(endpoint.server.requests(), SizeIs(1));
  }
}

TEST(OpenAiRetry, DoesNotFollowRedirects) {
  Endpoint other;
  Endpoint endpoint({{.status = 307, .headers = {"Location: " + other.server.url()}}});
  EXPECT_THAT(error_of(endpoint).what(), HasSubstr("status 307"));
  EXPECT_THAT(other.server.requests(), IsEmpty());
}

TEST(OpenAiSecrets, NeitherKeyNorTextsShowInErrorsOrLogs) {
  const std::string secret = "sk-very-secret-1234";
  const std::string text = "my diary says something private";
  Endpoint endpoint({error_answer(429, "slow down " + secret),
                     error_answer(401, "wrong key " + secret + "\nin: \"" + text + "\", ok?" +
                                           std::string(500, '!'))});
  log::set_level(log::Level::debug);
  testing::internal::CaptureStderr();
  const Error error = error_of(endpoint, {text, "pin 7"});
  const std::string log = testing::internal::GetCapturedStderr();
  log::set_level(log::Level::warn);

  EXPECT_THAT(log, HasSubstr("embed.retry"));
  for (const std::string& line : {std::string(error.what()), log}) {
    EXPECT_THAT(line, Not(HasSubstr("very-secret")));
    EXPECT_THAT(line, Not(HasSubstr("private")));
  }
  EXPECT_THAT(error.what(), HasSubstr("status 401: wrong key [...] in: \"[...]\", ok?!"));
  EXPECT_LT(std::string_view(error.what()).size(), 330U);
}

TEST(OpenAiAnswer, IsRefusedWhenItIsNotWhatWasAskedFor) {
  const std::string one = R"({"index":0,"embedding":[1,2,3]})";
  const struct {
    std::string body, complaint;
  } cases[] = {
      {"", "not JSON"},
      {"<html>", "not JSON"},
      {"[1]", "no list"},
      {R"({"data":{}})", "no list"},
      {data(one), "1 vectors for 2 texts"},
      {data(one + "," + one + "," + one), "3 vectors for 2 texts"},
      {data(one + "," + one), "same index twice"},
      {data(one + R"(,{"index":2,"embedding":[1,2,3]})"), "past its end"},
      {data(one + R"(,{"index":-1,"embedding":[1,2,3]})"), "index that is none"},
      {data(one + R"(,{"index":"1","embedding":[1,2,3]})"), "index that is none"},
      {data(one + R"(,{"index":1,"embedding":[1,2]})"), "2 dimensions, not 3"},
      {data(one + R"(,{"index":1,"embedding":[1,"2",3]})"), "no finite number"},
      {data(one + R"(,{"index":1,"embedding":[1,null,3]})"), "no finite number"},
      {data(one + R"(,{"index":1,"embedding":[1,1e999,3]})"), ""},
      {data(one + R"(,{"index":1,"embedding":[1,NaN,3]})"), "not JSON"},
      {data(one + R"(,{"index":1,"embedding":[0,0,0]})"), "vector of zeros"},
      {data(one + R"(,{"index":1,"embedding":[]})"), "no vector"},
      {data(one + R"(,{"index":1,"embedding":"AAAA"})"), "no vector"},
      {data(one + ",7"), "no vector"},
  };
  for (const auto& [body, complaint] : cases) {
    Endpoint endpoint({{.body = body}});
    const Error error = error_of(endpoint, {"a", "b"});
    EXPECT_EQ(error.kind(), ErrorKind::remote) << body;
    EXPECT_THAT(error.what(), HasSubstr(complaint)) << body;
    EXPECT_THAT(endpoint.server.requests(), SizeIs(1)) << body;
  }
}

TEST(OpenAiAnswer, IsRefusedWhenItsDimensionsAreNotTheExpectedOnes) {
  Endpoint endpoint;
  endpoint.options.dimensions = 4;
  EXPECT_THAT(error_of(endpoint).what(), HasSubstr("3 dimensions, not 4"));
}

TEST(OpenAiAnswer, MayNumberNothingAndIsThenInOrder) {
  Endpoint endpoint({{.body = data(R"({"embedding":[2,0]},{"embedding":[0,3]})")}});
  EXPECT_THAT(endpoint.embed({"a", "b"}), ElementsAre(ElementsAre(1, 0), ElementsAre(0, 1)));
}

TEST(OpenAiAnswer, IsNotReadPastItsLimit) {
  Endpoint endpoint({{.body = std::string(100'000, ' ')}});
  endpoint.options.max_response_bytes = 50'000;
  EXPECT_THAT(error_of(endpoint).what(), HasSubstr("larger than 50000 bytes"));
  EXPECT_THAT(endpoint.server.requests(), SizeIs(1));
}

TEST(OpenAiAnswer, ThatIsNotHttpIsAnError) {
  for (const char* bytes : {"hello\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "\x16\x03\x01\x02"}) {
    Endpoint endpoint({{.body = bytes, .fault = Fault::raw}});
    endpoint.options.max_retries = 0;
    EXPECT_EQ(error_of(endpoint).kind(), ErrorKind::remote) << bytes;
  }
}

}  // namespace
}  // namespace loci::embed
