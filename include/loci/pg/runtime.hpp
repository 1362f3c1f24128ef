#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <optional>
#include <type_traits>
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
    if constexpr (std::is_void_v<T>) {
      boost::asio::co_spawn(executor(), std::move(work), boost::asio::use_future).get();
    } else {
      return std::move(
          *boost::asio::co_spawn(executor(), in_optional(std::move(work)), boost::asio::use_future)
               .get());
    }
  }

private:
  // Asio wants a result that it can make without a value; a Lease is none.
  template <class T>
  static boost::asio::awaitable<std::optional<T>> in_optional(boost::asio::awaitable<T> work) {
    co_return co_await std::move(work);
  }

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loci
