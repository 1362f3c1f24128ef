#include <loci/base/error.hpp>

namespace loci {

std::string_view to_string(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::invalid_argument:
      return "invalid argument";
    case ErrorKind::invalid_input:
      return "invalid input";
    case ErrorKind::configuration:
      return "configuration";
    case ErrorKind::io:
      return "i/o";
    case ErrorKind::connect:
      return "connect";
    case ErrorKind::connection_lost:
      return "connection lost";
    case ErrorKind::pool_timeout:
      return "pool timeout";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::server:
      return "server";
    case ErrorKind::protocol:
      return "protocol";
    case ErrorKind::remote:
      return "remote service";
    case ErrorKind::closed:
      return "closed";
  }
  return "unknown";
}

namespace {

std::string describe(const ServerError& server, std::string_view query) {
  std::string text;
  if (!query.empty()) text.append(query).append(": ");
  text.append(server.message).append(" (SQLSTATE ").append(server.sqlstate).append(")");
  if (!server.hint.empty()) text.append("; hint: ").append(server.hint);
  return text;
}

}  // namespace

Error::Error(ErrorKind kind, const std::string& message, std::source_location where)
    : std::runtime_error(message), kind_(kind), where_(where) {}

Error::Error(ServerError server, std::string_view query, std::source_location where)
    : std::runtime_error(describe(server, query)),
      kind_(ErrorKind::server),
      server_(std::make_shared<const ServerError>(std::move(server))),
      where_(where) {}

Error::Error(ErrorKind kind, ServerError server, std::source_location where)
    : std::runtime_error(describe(server, {})),
      kind_(kind),
      server_(std::make_shared<const ServerError>(std::move(server))),
      where_(where) {}

std::string_view Error::sqlstate() const noexcept {
  return server_ ? std::string_view(server_->sqlstate) : std::string_view();
}

bool Error::retryable() const noexcept {
  return !outcome_unknown_ && (sqlstate() == "40001" || sqlstate() == "40P01");
}

bool Error::connection_lost() const noexcept {
  if (kind_ == ErrorKind::connection_lost) return true;
  return server_ && (server_->severity == "FATAL" || server_->severity == "PANIC");
}

Error Error::with_unknown_outcome() const {
  Error copy = *this;
  copy.outcome_unknown_ = true;
  return copy;
}

Error Error::with_context(std::string_view context) const {
  Error copy(kind_, std::string(context) + ": " + what(), where_);
  copy.server_ = server_;
  copy.outcome_unknown_ = outcome_unknown_;
  return copy;
}

}  // namespace loci
