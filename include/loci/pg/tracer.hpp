#pragma once
#include <loci/pg/query.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace loci {
class Error;
}

namespace loci::pg {

/// One statement that has run. Parameters and rows are not in it, and never will be.
struct QueryTrace {
  const Statement& statement;
  Lane lane;  ///< Where it ran.
  /// Shared lane: until it was sent. Elsewhere, of a lease's first statement: until there was a
  /// connection, which acquired() has told.
  std::chrono::nanoseconds wait;
  std::chrono::nanoseconds run;  ///< From there until its answer was read.
  std::size_t rows;
  std::size_t bytes;   ///< Of the result, about.
  const Error* error;  ///< Null when there is none.
};

/// Told of what a pool does; what a metrics or tracing library is hung onto. Each call comes from
/// whatever thread did the work, several at once, and holds that thread up: be short, and do not
/// call the pool. Views and references are valid during the call alone.
class Tracer {
public:
  virtual ~Tracer() = default;
  /// A statement has been handed to libpq. An end is told of each, but for a stream that is
  /// dropped.
  virtual void query_started(const Statement& /*statement*/, Lane /*lane*/) noexcept {}
  virtual void query_ended(const QueryTrace& /*trace*/) noexcept {}
  /// A statement is prepared on one more connection.
  virtual void prepared(const Statement& /*statement*/) noexcept {}
  /// A caller got a connection after waiting for `wait`, or `error`.
  virtual void acquired(std::chrono::nanoseconds /*wait*/, const Error* /*error*/) noexcept {}
  virtual void connected(std::chrono::nanoseconds /*time*/, const Error* /*error*/) noexcept {}
  /// A COPY ended, FROM STDIN or TO STDOUT; of one that did not come to its end, `rows` is 0.
  virtual void copied(std::uint64_t /*rows*/, std::chrono::nanoseconds /*time*/,
                      const Error* /*error*/) noexcept {}
};

}  // namespace loci::pg
