#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <utility>

namespace loci {

/// Threads that run Loci's event loop, for callers who have none.
///
/// ```
/// loci::Runtime runtime;
/// auto row = runtime.wait(pool.run(GetConversation{.id = id}, Deadline::after(5s)));
/// ```
/// Thread safety: wait() from any thread but the runtime's own. The destructor stops the loop; what
/// still runs on it is abandoned.
class Runtime {
public:
  explicit Runtime(unsigned threads = 1);  ///< At least one.
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  [[nodiscard]] boost::asio::any_io_executor executor() const;

  /// Runs a coroutine on the loop and blocks until it is over; its exception is thrown here.
  template <class T>
  T wait(boost::asio::awaitable<T> work) {
    return boost::asio::co_spawn(executor(), std::move(work), boost::asio::use_future).get();
  }

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loci
