// Spans of what a pool does; only where OpenTelemetry's API headers are installed.
#include <gtest/gtest.h>

#if __has_include(<opentelemetry/trace/tracer.h>)

#include <gmock/gmock.h>
#include <loci/pg/opentelemetry_tracer.hpp>

#include <map>
#include <mutex>

#include "pg/ask.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::Database;
using test::error_of;
using test::query;
using test::reading;
using testing::ElementsAre;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;
namespace otel = opentelemetry;

std::string text_of(const otel::common::AttributeValue& value) {
  if (const auto* text = otel::nostd::get_if<otel::nostd::string_view>(&value)) {
    return {text->data(), text->size()};
  }
  if (const auto* text = otel::nostd::get_if<const char*>(&value)) return *text;
  return std::to_string(otel::nostd::get<std::int64_t>(value));
}

struct Span {
  std::string name;
  otel::trace::SpanKind kind{};
  std::map<std::string, std::string> attributes;
  std::map<std::string, std::chrono::nanoseconds> events;  // since the start
  std::chrono::nanoseconds time{};
  bool failed = false;
  std::string why;
};

// Ended spans, of any thread.
struct Spans {
  std::vector<Span> called(std::string_view name) {
    const std::scoped_lock lock(mutex);
    std::vector<Span> some;
    std::ranges::copy_if(all, std::back_inserter(some),
                         [&](const Span& each) { return each.name == name; });
    return some;
  }
  std::mutex mutex;
  std::vector<Span> all;
};

class RecordedSpan : public otel::trace::Span {
public:
  RecordedSpan(Spans& spans, pg::Span begun, const otel::trace::StartSpanOptions& options)
      : spans_(spans), span_(std::move(begun)), options_(options) {}

  using Name = otel::nostd::string_view;
  void SetAttribute(Name key, const otel::common::AttributeValue& value) noexcept override {
    span_.attributes[std::string(key.data(), key.size())] = text_of(value);
  }
  void AddEvent(Name) noexcept override {}
  void AddEvent(Name name, otel::common::SystemTimestamp at) noexcept override {
    span_.events[std::string(name.data(), name.size())] =
        at.time_since_epoch() - options_.start_system_time.time_since_epoch();
  }
  void AddEvent(Name, const otel::common::KeyValueIterable&) noexcept override {}
  void AddEvent(Name, otel::common::SystemTimestamp,
                const otel::common::KeyValueIterable&) noexcept override {}
  void SetStatus(otel::trace::StatusCode code, Name why) noexcept override {
    span_.failed = code == otel::trace::StatusCode::kError;
    span_.why = std::string(why.data(), why.size());
  }
  void UpdateName(Name) noexcept override {}
  void End(const otel::trace::EndSpanOptions& options) noexcept override {
    span_.time =
        options.end_steady_time.time_since_epoch() - options_.start_steady_time.time_since_epoch();
    const std::scoped_lock lock(spans_.mutex);
    spans_.all.push_back(span_);
  }
  otel::trace::SpanContext GetContext() const noexcept override {
    return otel::trace::SpanContext::GetInvalid();
  }
  bool IsRecording() const noexcept override { return true; }

private:
  Spans& spans_;
  pg::Span span_;
  otel::trace::StartSpanOptions options_;
};

class Recorder : public otel::trace::Tracer {
public:
  explicit Recorder(Spans& spans) : spans_(spans) {}
  otel::nostd::shared_ptr<otel::trace::Span> StartSpan(
      otel::nostd::string_view name, const otel::common::KeyValueIterable& attributes,
      const otel::trace::SpanContextKeyValueIterable&,
      const otel::trace::StartSpanOptions& options) noexcept override {
    pg::Span span{.name = std::string(name.data(), name.size()), .kind = options.kind};
    attributes.ForEachKeyValue([&](auto key, const otel::common::AttributeValue& value) noexcept {
      span.attributes[std::string(key.data(), key.size())] = text_of(value);
      return true;
    });
    return otel::nostd::shared_ptr<otel::trace::Span>(
        new RecordedSpan(spans_, std::move(span), options));
  }
  void ForceFlushWithMicroseconds(std::uint64_t) noexcept override {}
  void CloseWithMicroseconds(std::uint64_t) noexcept override {}

private:
  Spans& spans_;
};

struct OpenTelemetry : testing::Test {
  Spans spans;
  const std::shared_ptr<OpenTelemetryTracer> tracer = std::make_shared<OpenTelemetryTracer>(
      OpenTelemetryTracer::ApiTracer(new Recorder(spans)), "books");
};

TEST_F(OpenTelemetry, AStatementIsASpanOfTheTimeItTook) {
  constexpr Statement statement{.name = "ListBooks", .sql = "select 'secret'"};
  tracer->query_ended({statement, Lane::shared, 2ms, 5ms, 3, 100, nullptr});
  const Span span = spans.all.at(0);
  EXPECT_EQ(span.name, "ListBooks");
  EXPECT_EQ(span.kind, otel::trace::SpanKind::kClient);
  EXPECT_EQ(span.time, 7ms);
  EXPECT_FALSE(span.failed);
  EXPECT_THAT(span.events, ElementsAre(Pair("sent", 2ms)));
  EXPECT_THAT(span.attributes,
              UnorderedElementsAre(
                  Pair("db.system.name", "postgresql"), Pair("db.query.summary", "ListBooks"),
                  Pair("db.operation.name", "ListBooks"), Pair("db.namespace", "books"),
                  Pair("db.response.returned_rows", "3"), Pair("loci.lane", "shared")));
}

TEST_F(OpenTelemetry, AnErrorIsToldByItsCodeAlone) {
  const Error refused(ServerError{.sqlstate = "22P02", .message = "invalid: \"secret\""}, "Q");
  const Error late(ErrorKind::pool_timeout, "no connection: secret");
  tracer->copied(0, 1ms, &refused);
  tracer->acquired(4ms, &late);
  EXPECT_THAT(
      spans.all.at(0).attributes,
      testing::IsSupersetOf({Pair("error.type", "22P02"), Pair("db.response.status_code", "22P02"),
                             Pair("db.operation.name", "COPY")}));
  EXPECT_THAT(spans.all.at(1).attributes,
              testing::Contains(Pair("error.type", std::string(to_string(late.kind())))));
  EXPECT_THAT(spans.all.at(1).attributes,
              Not(testing::Contains(testing::Key("db.response.status_code"))));
  for (const Span& span : spans.all) {
    EXPECT_TRUE(span.failed);
    EXPECT_EQ(span.why, "");
    EXPECT_EQ(testing::PrintToString(span.attributes).find("secret"), std::string::npos);
  }
}

TEST_F(OpenTelemetry, AnAcquireWithoutWaitingIsNoSpan) {
  tracer->acquired(0ns, nullptr);
  EXPECT_TRUE(spans.all.empty());
  tracer->acquired(3ms, nullptr);
  EXPECT_EQ(spans.all.at(0).time, 3ms);
  EXPECT_EQ(spans.all.at(0).kind, otel::trace::SpanKind::kInternal);
}

TEST_F(OpenTelemetry, APoolTellsItOfEachStatement) {
  PoolOptions options;
  options.observe.tracer = tracer;
  {
    Database db(std::move(options));
    (void)db.run(ask(db.pool, query<type::Text>("select $1::text", "secret")));
    (void)db.run(ask(db.pool, reading<type::Text>("select $1::text", "secret")));
    (void)error_of(
        [&] { return db.run(ask(db.pool, query<type::Text>("select $1::text::int", "secret"))); });
  }
  const std::vector<Span> told = spans.called("TestQuery");
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].attributes.at("loci.lane"), "exclusive");
  EXPECT_EQ(told[1].attributes.at("loci.lane"), "shared");
  EXPECT_EQ(told[2].attributes.at("error.type"), "22P02");
  EXPECT_FALSE(spans.called("connect").empty());
  for (const Span& span : spans.all) {
    EXPECT_EQ(testing::PrintToString(span.attributes).find("secret"), std::string::npos);
  }
}

TEST(OpenTelemetryTracer, WithoutAProviderTellsNobody) {
  OpenTelemetryTracer tracer;
  tracer.connected(1ms, nullptr);
}

}  // namespace
}  // namespace loci::pg

#else

TEST(OpenTelemetry, NeedsTheHeadersOfOpenTelemetry) {
  GTEST_SKIP() << "install opentelemetry-cpp-dev to test pg::OpenTelemetryTracer";
}

#endif
