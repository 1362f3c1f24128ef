#pragma once
#include <cstdint>
#include <memory>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace loci {

/// What kind of fault an Error is; the first thing a caller branches on.
enum class ErrorKind : std::uint8_t {
  invalid_argument,  ///< The caller passed something Loci refuses; nothing was sent or changed.
  invalid_input,     ///< A file or a message from outside is not what it should be.
  configuration,     ///< A setting, a folder, or the server's version does not fit.
  io,                ///< A file or a process of this machine failed.
  connect,           ///< No connection could be made.
  connection_lost,   ///< An established connection ended.
  pool_timeout,      ///< No connection became free before the deadline.
  timeout,           ///< The deadline passed while a statement was waiting or running.
  cancelled,         ///< The caller cancelled the operation.
  conflict,          ///< The record was changed since it was read: its version is another one.
  server,            ///< The server answered with an error; see sqlstate().
  protocol,          ///< The server's answer is not what was asked for (type, column, row count).
  remote,            ///< A remote service that is not the database (an embedding endpoint) failed.
  closed,            ///< The object was closed before or during the call.
};

[[nodiscard]] std::string_view to_string(ErrorKind kind) noexcept;

/// What the server said, its parts kept apart. Parts it did not send are empty.
struct ServerError {
  std::string severity;  ///< Untranslated: ERROR, FATAL, PANIC.
  std::string sqlstate;  ///< Five characters.
  std::string message;
  std::string detail;  ///< May hold values of the row: never logged.
  std::string hint;
  std::string schema;
  std::string table;
  std::string column;
  std::string constraint;
  int position = 0;  ///< 1-based character in the statement; 0: unknown.
};

/// The one exception type of Loci.
///
/// what() is one line fit for a person: the context Loci knows, then the server's message. It never
/// holds parameters, row data or secrets. Copying is cheap and does not throw.
class Error : public std::runtime_error {
public:
  explicit Error(ErrorKind kind, const std::string& message,
                 std::source_location where = std::source_location::current());

  /// The server refused the statement named `query` (its name, never its text or data).
  Error(ServerError server, std::string_view query,
        std::source_location where = std::source_location::current());

  /// The server said this as it refused or ended a connection: kind is connect or connection_lost.
  Error(ErrorKind kind, ServerError server,
        std::source_location where = std::source_location::current());

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

  /// The SQLSTATE, or empty when the server said nothing.
  [[nodiscard]] std::string_view sqlstate() const noexcept;

  /// The server's message parts, or null. Lives as long as any copy of this error.
  [[nodiscard]] const ServerError* server() const noexcept { return server_.get(); }

  [[nodiscard]] std::source_location where() const noexcept { return where_; }

  /// Running the whole transaction again may succeed: serialisation failure (40001), deadlock
  /// (40P01). Never true when the outcome is unknown.
  [[nodiscard]] bool retryable() const noexcept;

  /// The connection this came from is gone.
  [[nodiscard]] bool connection_lost() const noexcept;

  /// The statement may or may not have taken effect: the connection ended after it was sent.
  /// Resolve it by reading the row's key back; never by a blind retry.
  [[nodiscard]] bool outcome_unknown() const noexcept { return outcome_unknown_; }

  /// The same error, marked as one whose effect is not known.
  [[nodiscard]] Error with_unknown_outcome() const;

  /// The same error with `context: ` before its text; kind and parts are kept.
  [[nodiscard]] Error with_context(std::string_view context) const;

private:
  ErrorKind kind_;
  bool outcome_unknown_ = false;
  std::shared_ptr<const ServerError> server_;  // shared so that copies do not throw
  std::source_location where_;
};

}  // namespace loci
