#pragma once
#include <loci/pg/session.hpp>

#include <map>
#include <memory>
#include <string>

namespace loci::pg {

/// Another session, with settings of its own: each statement finds them as if the connection had
/// been opened with them, and leaves nothing behind on it. They ride in the statement's own Sync
/// group, so they cost no round trip; inside a transaction they hold from its first statement on.
///
/// Thread safety and lifetime: those of the session beneath, which outlives it.
class ScopedSession final : public Session {
public:
  enum class Inside : std::uint8_t { pool, transaction };

  /// Settings by name, one or more, as SET takes them. Errors: invalid_argument, for a name or
  /// value with NUL.
  ScopedSession(Session& beneath, Inside inside,
                const std::map<std::string, std::string>& settings);

  boost::asio::awaitable<std::vector<Result>> execute(std::vector<Request> requests,
                                                      Deadline deadline) override;
  boost::asio::awaitable<Result> execute_one(Request request, Deadline deadline) override;

private:
  Session& beneath_;
  Inside inside_;
  std::shared_ptr<const std::string> settings_;
};

}  // namespace loci::pg
