#include <loci/base/error.hpp>
#include <loci/pg/session.hpp>

namespace loci::pg {

boost::asio::awaitable<Result> Session::execute_one(Request request, Deadline deadline) {
  std::vector<Request> requests;
  requests.push_back(std::move(request));
  std::vector<Result> results = co_await execute(std::move(requests), deadline);
  co_return std::move(results[0]);
}

boost::asio::awaitable<std::uint64_t> Session::copy_in(std::string, CopySource, Deadline) {
  throw Error(ErrorKind::invalid_argument, "this kind of session takes no COPY");
}

}  // namespace loci::pg
