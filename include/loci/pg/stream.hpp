#pragma once
#include <loci/base/deadline.hpp>
#include <loci/pg/query.hpp>

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace loci::pg {

struct Reading;

/// A large result that comes chunk by chunk: memory stays flat, and the server waits while nobody
/// asks. Move only; made by Lease::stream().
///
/// Until next() gave the end, or stop() returned, the lease takes nothing else. Dropped half-way,
/// the lease's connection is closed when it goes back. Lifetime: ends before the lease does. The
/// deadline given at the start holds for the whole; at it the query is cancelled, and when who
/// waits for the next rows is.
class ResultStream {
public:
  explicit ResultStream(std::unique_ptr<Reading> reading);
  ResultStream(ResultStream&&) noexcept;
  ResultStream& operator=(ResultStream&&) noexcept;
  ~ResultStream();

  /// The next rows, or nullopt at the end. Errors: as Session, and the query's own, which may come
  /// after rows did; the stream is then over, and the lease fit for more unless its connection is
  /// lost.
  [[nodiscard]] boost::asio::awaitable<std::optional<Result>> next();

  /// Ends it early: cancels the query and leaves the lease fit for more.
  [[nodiscard]] boost::asio::awaitable<void> stop();

private:
  std::unique_ptr<Reading> reading_;
};

/// A ResultStream that gives typed rows.
template <Query Q>
class RowStream {
public:
  explicit RowStream(ResultStream results) : results_(std::move(results)) {}

  /// The next rows; none at the end. Errors: as ResultStream.
  [[nodiscard]] boost::asio::awaitable<std::vector<typename Q::Row>> next() {
    std::vector<typename Q::Row> rows;
    const std::optional<Result> chunk = co_await results_.next();
    if (!chunk) co_return rows;
    rows.reserve(chunk->rows());
    for (std::size_t i = 0; i < chunk->rows(); ++i) rows.push_back(Q::decode(chunk->row(i)));
    co_return rows;
  }
  [[nodiscard]] boost::asio::awaitable<void> stop() { return results_.stop(); }

private:
  ResultStream results_;
};

}  // namespace loci::pg
