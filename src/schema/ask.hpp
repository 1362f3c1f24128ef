#pragma once
#include <loci/pg/session.hpp>

#include <utility>

namespace loci::schema {

/// Runs a statement that no generated query stands for; its error is thrown. Coroutine parameters:
/// what the views of `request` point to must live until the call is over.
[[nodiscard]] inline boost::asio::awaitable<pg::Result> ask(pg::Session& session,
                                                            pg::Request request,
                                                            Deadline deadline) {
  pg::Result result = co_await session.execute_one(std::move(request), deadline);
  result.check();
  co_return result;
}

}  // namespace loci::schema
