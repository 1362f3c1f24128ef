#pragma once
#include <loci/base/deadline.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>

namespace loci::pg {

enum class Want : std::uint8_t { read, write, read_or_write };

/// How a wait for a socket ended.
enum class Woken : std::uint8_t {
  ready,      ///< Perhaps early: callers loop.
  late,       ///< The deadline passed.
  cancelled,  ///< The waiting coroutine has been cancelled.
};

/// Whether a wait ends when its coroutine is cancelled. Who has been told goes on with `ignored`.
enum class Cancellation : std::uint8_t { heeded, ignored };

/// Waits for a libpq socket on Asio's reactor, without ever owning it: it watches a dup of the
/// descriptor, so that libpq may close and reopen its own at will (fact F6).
///
/// One wait at a time, by a coroutine on any executor. The timer of a deadline is left running when
/// the wait ends in time, and looked at when it fires: most deadlines never come.
class SocketWaiter {
public:
  explicit SocketWaiter(boost::asio::any_io_executor executor);
  ~SocketWaiter();
  SocketWaiter(const SocketWaiter&) = delete;
  SocketWaiter& operator=(const SocketWaiter&) = delete;

  /// Watches this descriptor from now on; call again after anything that may have replaced it.
  /// Errors: Error{io}.
  void watch(int descriptor);
  void forget() noexcept;

  /// Throws boost::system::system_error when the socket cannot be watched.
  [[nodiscard]] boost::asio::awaitable<Woken> wait(
      Want want, Deadline deadline, Cancellation cancellation = Cancellation::heeded);

private:
  struct State;
  std::shared_ptr<State> state_;  // shared with handlers that may outlive this object
};

}  // namespace loci::pg
