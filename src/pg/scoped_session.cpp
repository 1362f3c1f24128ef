#include <loci/pg/scoped_session.hpp>

#include <utility>

#include "pg/settings_statement.hpp"

namespace loci::pg {

namespace asio = boost::asio;

ScopedSession::ScopedSession(Session& beneath, Inside inside,
                             const std::map<std::string, std::string>& settings)
    : beneath_(beneath),
      inside_(inside),
      settings_(std::make_shared<const std::string>(settings_statement(settings))) {}

asio::awaitable<std::vector<Result>> ScopedSession::execute(std::vector<Request> requests,
                                                            Deadline deadline) {
  for (Request& request : requests) {
    request.settings = settings_;
    if (inside_ == Inside::transaction) break;  // they hold for those after it, too
  }
  return beneath_.execute(std::move(requests), deadline);
}

asio::awaitable<Result> ScopedSession::execute_one(Request request, Deadline deadline) {
  request.settings = settings_;
  return beneath_.execute_one(std::move(request), deadline);
}

}  // namespace loci::pg
