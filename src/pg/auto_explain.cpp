#include "pg/auto_explain.hpp"

#include <loci/base/error.hpp>
#include <loci/base/log.hpp>

#include <string>
#include <vector>

#include "pg/connection.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

constexpr const char* k_remedy =
    "an administrator runs: alter role ROLE set session_preload_libraries = 'auto_explain'; "
    "grant set on parameter auto_explain.log_min_duration, auto_explain.log_analyze, "
    "auto_explain.log_buffers, auto_explain.log_timing, auto_explain.log_parameter_max_length "
    "to ROLE";

// A setting of a module that is not loaded may be set, and then does nothing; it is not listed.
constexpr const char* k_is_loaded =
    "select exists (select from pg_catalog.pg_settings where name = "
    "'auto_explain.log_min_duration')";

std::string settings(const AutoExplainOptions& options) {
  const auto set = [](const char* name, const std::string& value) {
    return "pg_catalog.set_config('auto_explain." + std::string(name) + "', '" + value +
           "', false)";
  };
  const auto truth = [](bool yes) { return std::string(yes ? "on" : "off"); };
  return "select " + set("log_min_duration", std::to_string(options.min_duration.count())) + ", " +
         set("log_analyze", truth(options.log_analyze)) + ", " +
         set("log_buffers", truth(options.log_buffers)) + ", " +
         set("log_timing", truth(options.log_timing)) + ", " + set("log_parameter_max_length", "0");
}

asio::awaitable<Result> run(Connection& connection, std::string sql, Deadline deadline) {
  std::vector<Request> requests(1);
  requests[0].text = std::make_shared<const std::string>(std::move(sql));
  requests[0].statement = {.name = "AutoExplain", .sql = *requests[0].text};
  ExecuteOptions options;
  options.unprepared = true;
  auto results = co_await connection.execute(std::move(requests), deadline, std::move(options));
  co_return std::move(results.front());
}

}  // namespace

AutoExplain::AutoExplain(const AutoExplainOptions& options, bool pgbouncer)
    : options_(options), pgbouncer_(pgbouncer), given_up_(!options.enabled) {}

asio::awaitable<void> AutoExplain::switch_on(Connection& connection, Deadline deadline) {
  if (given_up_) co_return;
  std::string why = "PgBouncer gives a session to many";
  if (!pgbouncer_) {
    const Result loaded = co_await run(connection, k_is_loaded, deadline);
    loaded.check();
    bool there = loaded.row(0).get<type::Bool>(0);
    if (!there) {
      const Result load = co_await run(connection, "load 'auto_explain'", deadline);
      there = !load.failed();
      if (!there) why = load.error()->what();
    }
    if (there) {
      const Result set = co_await run(connection, settings(options_), deadline);
      if (!set.failed()) co_return;
      why = set.error()->what();
    }
  }
  if (given_up_.exchange(true)) co_return;
  log::warn("auto_explain_refused error=\"" + why + "\" remedy=\"" + k_remedy + "\"");
}

}  // namespace loci::pg
