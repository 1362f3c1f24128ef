#pragma once
#include <loci/base/deadline.hpp>
#include <loci/base/error.hpp>
#include <loci/pg/copy_chunks.hpp>
#include <loci/pg/copy_rows.hpp>
#include <loci/pg/query.hpp>

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace loci::pg {

struct Request {
  Statement statement;
  Params params;
  /// Owns the statement's text where that is no literal; null where it is.
  std::shared_ptr<const std::string> text = {};
  /// A statement without parameters that runs just before it, in its Sync group and so in its
  /// transaction: settings that hold for it alone. Null: none.
  std::shared_ptr<const std::string> settings = {};
};

/// What became of one item of a batch.
template <Query Q>
using BatchOutcome = std::expected<OutcomeOf<Q>, Error>;

/// Something that runs queries: a pool (each call on a connection of its own choice), a lease, or a
/// transaction. Code that only asks takes a Session& and works in all three.
///
/// Errors, of every call: server (see SQLSTATE), timeout, cancelled, connection_lost (a statement
/// that may write is then marked outcome_unknown()), pool_timeout, protocol.
class Session {
public:
  virtual ~Session() = default;

  /// Runs one query: optional<Row> for :one, vector<Row> for :many, a count for :exec and
  /// :execrows, ExecResult for :execresult.
  template <Query Q>
  [[nodiscard]] boost::asio::awaitable<OutcomeOf<Q>> run(Q query, Deadline deadline) {
    const Result result = co_await execute_one(request(query), deadline);
    co_return detail::outcome_of<Q>(result);
  }

  /// Runs several queries in one round trip and gives a tuple of their outcomes. Outside a
  /// transaction each is its own: when one fails the others stand, and the first error is thrown.
  template <Query... Qs>
  [[nodiscard]] boost::asio::awaitable<std::tuple<OutcomeOf<Qs>...>> pipeline(Deadline deadline,
                                                                              Qs... queries) {
    std::vector<Request> requests;
    requests.reserve(sizeof...(Qs));
    (requests.push_back(request(queries)), ...);
    const std::vector<Result> results = co_await execute(std::move(requests), deadline);
    for (const Result& result : results) result.check();
    co_return unpack<Qs...>(results, std::index_sequence_for<Qs...>());
  }

  /// The same query with many parameter sets, in one round trip. Errors as pipeline(), saying which
  /// item failed: `item 3 of 10: ...`.
  template <Query Q>
  [[nodiscard]] boost::asio::awaitable<std::vector<OutcomeOf<Q>>> batch(std::vector<Q> queries,
                                                                        Deadline deadline) {
    const std::vector<Result> results = co_await execute(requests(queries), deadline);
    std::vector<OutcomeOf<Q>> outcomes;
    outcomes.reserve(results.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      auto outcome = outcome_of_item<Q>(results, i);
      if (!outcome) throw Error(outcome.error());
      outcomes.push_back(*std::move(outcome));
    }
    co_return outcomes;
  }

  /// The same, where one item's failure is that item's own outcome. Outside a transaction the
  /// others stand; inside one the server runs none after it (25P02). Errors: only what is no
  /// answer of the server (connection_lost, timeout, ...).
  template <Query Q>
  [[nodiscard]] boost::asio::awaitable<std::vector<BatchOutcome<Q>>> batch_each(
      std::vector<Q> queries, Deadline deadline) {
    const std::vector<Result> results = co_await execute(requests(queries), deadline);
    std::vector<BatchOutcome<Q>> outcomes;
    outcomes.reserve(results.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      outcomes.push_back(outcome_of_item<Q>(results, i));
    }
    co_return outcomes;
  }

  /// Inserts every row of a range by COPY FROM, the fastest way in; the range may be made as it is
  /// read and must live until the end. Gives the number of rows: all of them, or none and an error.
  /// A table under row level security refuses COPY FROM (0A000), except from those whom its
  /// policies do not bind.
  template <std::ranges::input_range Rows>
    requires CopyQuery<std::ranges::range_value_t<Rows>>
  [[nodiscard]] boost::asio::awaitable<std::uint64_t> copy(Rows& rows, Deadline deadline) {
    using Row = std::ranges::range_value_t<Rows>;
    CopyChunks chunks(rows, [](CopyRows& out, const Row& row) { row.copy(out); });
    try {
      co_return co_await copy_in(std::string(Row::statement.sql), std::ref(chunks), deadline);
    } catch (const Error& error) {
      throw error.with_context(Row::statement.name);
    }
  }

  /// One result for each request, in order; a server error stays in its result. What run() stands
  /// on.
  [[nodiscard]] virtual boost::asio::awaitable<std::vector<Result>> execute(
      std::vector<Request> requests, Deadline deadline) = 0;

  /// The same for one request.
  [[nodiscard]] virtual boost::asio::awaitable<Result> execute_one(Request request,
                                                                   Deadline deadline);

  /// COPY FROM STDIN in binary: `sql` is the whole COPY statement, `next` fills a chunk with whole
  /// rows made by CopyRows and returns false when there are no more. Gives the number of rows.
  /// When `next` throws, the COPY is ended as failed and nothing of it stays. What copy() stands
  /// on; pools, leases, transactions and savepoints take it, other sessions throw invalid_argument.
  using CopySource = std::function<bool(std::string& chunk)>;
  [[nodiscard]] virtual boost::asio::awaitable<std::uint64_t> copy_in(std::string sql,
                                                                      CopySource next,
                                                                      Deadline deadline);

protected:
  template <Query Q>
  static Request request(const Q& query) {
    Request made{Q::statement, {}};
    query.bind(made.params);
    return made;
  }
  template <Query Q>
  static std::vector<Request> requests(const std::vector<Q>& queries) {
    std::vector<Request> made;
    made.reserve(queries.size());
    for (const Q& query : queries) made.push_back(request(query));
    return made;
  }
  template <Query Q>
  static BatchOutcome<Q> outcome_of_item(const std::vector<Result>& results, std::size_t item) {
    try {
      return detail::outcome_of<Q>(results[item]);
    } catch (const Error& error) {
      return std::unexpected(error.with_context("item " + std::to_string(item + 1) + " of " +
                                                std::to_string(results.size())));
    }
  }
  template <Query... Qs, std::size_t... I>
  static std::tuple<OutcomeOf<Qs>...> unpack(const std::vector<Result>& results,
                                             std::index_sequence<I...>) {
    return {detail::outcome_of<Qs>(results[I])...};
  }
};

}  // namespace loci::pg
