#include <loci/pg/session.hpp>

namespace loci::pg {

boost::asio::awaitable<Result> Session::execute_one(Request request, Deadline deadline) {
  std::vector<Request> requests;
  requests.push_back(std::move(request));
  std::vector<Result> results = co_await execute(std::move(requests), deadline);
  co_return std::move(results[0]);
}

}  // namespace loci::pg
