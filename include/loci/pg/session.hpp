#pragma once
#include <loci/base/deadline.hpp>
#include <loci/pg/query.hpp>

#include <boost/asio/awaitable.hpp>
#include <tuple>
#include <utility>
#include <vector>

namespace loci::pg {

struct Request {
  Statement statement;
  Params params;
};

/// Something that runs queries: a pool (each call on a connection of its own choice), a lease, or a
/// transaction. Code that only asks takes a Session& and works in all three.
///
/// Errors, of every call: server (see SQLSTATE), timeout, cancelled, connection_lost (a statement
/// that may write is then marked outcome_unknown()), pool_timeout, protocol.
class Session {
public:
  virtual ~Session() = default;

  /// Runs one query: optional<Row> for :one, vector<Row> for :many, a count for :exec and
  /// :execrows.
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

  /// The same query with many parameter sets, in one round trip. Errors as pipeline().
  template <Query Q>
  [[nodiscard]] boost::asio::awaitable<std::vector<OutcomeOf<Q>>> batch(std::vector<Q> queries,
                                                                        Deadline deadline) {
    std::vector<Request> requests;
    requests.reserve(queries.size());
    for (const Q& query : queries) requests.push_back(request(query));
    const std::vector<Result> results = co_await execute(std::move(requests), deadline);
    std::vector<OutcomeOf<Q>> outcomes;
    outcomes.reserve(results.size());
    for (const Result& result : results) outcomes.push_back(detail::outcome_of<Q>(result));
    co_return outcomes;
  }

  /// One result for each request, in order; a server error stays in its result. What run() stands
  /// on.
  [[nodiscard]] virtual boost::asio::awaitable<std::vector<Result>> execute(
      std::vector<Request> requests, Deadline deadline) = 0;

  /// The same for one request.
  [[nodiscard]] virtual boost::asio::awaitable<Result> execute_one(Request request,
                                                                   Deadline deadline);

protected:
  template <Query Q>
  static Request request(const Q& query) {
    Request made{Q::statement, {}};
    query.bind(made.params);
    return made;
  }
  template <Query... Qs, std::size_t... I>
  static std::tuple<OutcomeOf<Qs>...> unpack(const std::vector<Result>& results,
                                             std::index_sequence<I...>) {
    return {detail::outcome_of<Qs>(results[I])...};
  }
};

}  // namespace loci::pg
