#include <loci/pg/runtime.hpp>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>
#include <vector>

namespace loci {

struct Runtime::State {
  boost::asio::io_context context;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
      boost::asio::make_work_guard(context);
  std::vector<std::jthread> threads;
};

Runtime::Runtime(unsigned threads) : state_(std::make_unique<State>()) {
  for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
    state_->threads.emplace_back([this] { state_->context.run(); });
  }
}

Runtime::~Runtime() {
  state_->context.stop();
  state_->threads.clear();  // joins
}

boost::asio::any_io_executor Runtime::executor() const {
  return state_->context.get_executor();
}

}  // namespace loci
