#pragma once
#include <loci/base/error.hpp>
#include <loci/pg/tracer.hpp>

#include <opentelemetry/trace/provider.h>
#include <opentelemetry/trace/span_startoptions.h>
#include <opentelemetry/trace/tracer.h>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace loci::pg {

/// Makes OpenTelemetry spans of what a pool does. Needs OpenTelemetry's API headers and nothing
/// else of it; no other header of Loci includes this one.
///
/// ```
/// options.observe.tracer = std::make_shared<pg::OpenTelemetryTracer>();
/// ```
///
/// Spans follow the semantic conventions for databases: a statement is called by its name, and
/// neither its text nor its parameters nor what the server said of an error go into one. A
/// statement on the shared lane has an event `sent` between waiting and running. Only an acquire
/// that had to wait or failed makes a span.
///
/// A span's parent is the one that is active, in OpenTelemetry's sense, on the thread that tells of
/// the work; its context does not follow a coroutine from thread to thread, so most have none.
class OpenTelemetryTracer final : public Tracer {
public:
  using ApiTracer = opentelemetry::nostd::shared_ptr<opentelemetry::trace::Tracer>;

  /// `database` is the spans' db.namespace; without it they have none.
  explicit OpenTelemetryTracer(ApiTracer tracer = global_tracer(), std::string database = {})
      : tracer_(std::move(tracer)), database_(std::move(database)) {}

  /// From the global provider, as it is now.
  [[nodiscard]] static ApiTracer global_tracer() {
    return opentelemetry::trace::Provider::GetTracerProvider()->GetTracer("loci");
  }

  void query_ended(const QueryTrace& trace) noexcept override {
    const Text name = text(trace.statement.name);
    const auto wait = trace.lane == Lane::shared ? trace.wait : std::chrono::nanoseconds(0);
    tell({.name = name,
          .kind = SpanKind::kClient,
          .time = wait + trace.run,
          .sent_after = wait,
          .error = trace.error},
         {{"db.system.name", "postgresql"},
          {"db.query.summary", name},
          {"db.operation.name", name},
          {"db.response.returned_rows", static_cast<std::int64_t>(trace.rows)},
          {"loci.lane", trace.lane == Lane::shared ? "shared" : "exclusive"}});
  }
  void copied(std::uint64_t rows, std::chrono::nanoseconds time,
              const Error* error) noexcept override {
    tell({.name = "COPY", .kind = SpanKind::kClient, .time = time, .error = error},
         {{"db.system.name", "postgresql"},
          {"db.query.summary", "COPY"},
          {"db.operation.name", "COPY"},
          {"loci.copied_rows", static_cast<std::int64_t>(rows)}});
  }
  void connected(std::chrono::nanoseconds time, const Error* error) noexcept override {
    tell({.name = "connect", .kind = SpanKind::kClient, .time = time, .error = error},
         {{"db.system.name", "postgresql"}});
  }
  void acquired(std::chrono::nanoseconds wait, const Error* error) noexcept override {
    if (wait.count() == 0 && error == nullptr) return;
    tell({.name = "acquire", .kind = SpanKind::kInternal, .time = wait, .error = error},
         {{"db.system.name", "postgresql"}});
  }

private:
  using Text = opentelemetry::nostd::string_view;
  using SpanKind = opentelemetry::trace::SpanKind;
  using Attributes = std::initializer_list<std::pair<Text, opentelemetry::common::AttributeValue>>;
  struct Work {
    Text name;
    SpanKind kind;
    std::chrono::nanoseconds time;
    std::chrono::nanoseconds sent_after{};
    const Error* error;
  };

  static Text text(std::string_view text) noexcept { return {text.data(), text.size()}; }

  // Work that ends now.
  void tell(const Work& work, Attributes attributes) const noexcept {
    using std::chrono::steady_clock;
    using std::chrono::system_clock;
    const auto end = steady_clock::now();
    const auto start =
        system_clock::now() - std::chrono::duration_cast<system_clock::duration>(work.time);
    opentelemetry::trace::StartSpanOptions options;
    options.start_system_time = opentelemetry::common::SystemTimestamp(start);
    options.start_steady_time = opentelemetry::common::SteadyTimestamp(end - work.time);
    options.kind = work.kind;
    const auto span = tracer_->StartSpan(work.name, attributes, options);
    if (!database_.empty()) span->SetAttribute("db.namespace", text(database_));
    if (work.sent_after.count() > 0) {
      span->AddEvent("sent", opentelemetry::common::SystemTimestamp(start + work.sent_after));
    }
    if (work.error != nullptr) {
      const std::string_view state = work.error->sqlstate();
      if (!state.empty()) span->SetAttribute("db.response.status_code", text(state));
      span->SetAttribute("error.type", text(state.empty() ? to_string(work.error->kind()) : state));
      span->SetStatus(opentelemetry::trace::StatusCode::kError);
    }
    opentelemetry::trace::EndSpanOptions at_end;
    at_end.end_steady_time = opentelemetry::common::SteadyTimestamp(end);
    span->End(at_end);
  }

  ApiTracer tracer_;
  std::string database_;
};

}  // namespace loci::pg
