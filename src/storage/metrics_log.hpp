#pragma once
#include <loci/pg/pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>

namespace loci::storage {

/// Writes a pool's figures into the log, at level info, again and again until it goes.
///
/// Thread safety: every member may be called from any thread. Lifetime: the pool must outlive it.
class MetricsLog {
public:
  /// An interval of zero: never.
  MetricsLog(boost::asio::any_io_executor executor, const pg::Pool& pool,
             std::chrono::milliseconds interval);
  ~MetricsLog();
  MetricsLog(const MetricsLog&) = delete;
  MetricsLog& operator=(const MetricsLog&) = delete;

  void start();
  void stop();

private:
  struct Ticks;
  std::shared_ptr<Ticks> ticks_;  // shared with the timer's handler, which may come late
};

}  // namespace loci::storage
