#include "storage/metrics_log.hpp"

#include <loci/base/log.hpp>

#include <boost/asio/steady_timer.hpp>
#include <format>
#include <mutex>

namespace loci::storage {

namespace {

void log_figures(const pg::PoolStatistics& pool) {
  log::info(
      std::format("pool_metrics most={} open={} idle={} waiting={} acquired={} opened={} "
                  "connect_errors={} timed_out={} refused={} retired={}",
                  pool.most, pool.open, pool.idle, pool.waiting, pool.acquired, pool.opened,
                  pool.connect_errors, pool.timed_out, pool.refused, pool.retired.total()));
}

}  // namespace

struct MetricsLog::Ticks : std::enable_shared_from_this<Ticks> {
  Ticks(const boost::asio::any_io_executor& executor, const pg::Pool& of,
        std::chrono::milliseconds every)
      : pool(&of), interval(every), timer(executor) {}

  // With the mutex held.
  void wait() {
    timer.expires_after(interval);
    timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      if (const auto self = weak.lock(); self && !error) self->tick();
    });
  }
  void tick() {
    const std::scoped_lock lock(mutex);  // who stops it waits, and then the pool may go
    if (!running) return;
    if (log::enabled(log::Level::info)) log_figures(pool->statistics());
    wait();
  }

  const pg::Pool* const pool;
  const std::chrono::milliseconds interval;
  std::mutex mutex;
  bool running = false;
  boost::asio::steady_timer timer;
};

MetricsLog::MetricsLog(boost::asio::any_io_executor executor, const pg::Pool& pool,
                       std::chrono::milliseconds interval)
    : ticks_(std::make_shared<Ticks>(std::move(executor), pool, interval)) {}

MetricsLog::~MetricsLog() {
  stop();
}

void MetricsLog::start() {
  const std::scoped_lock lock(ticks_->mutex);
  if (ticks_->running || ticks_->interval.count() == 0) return;
  ticks_->running = true;
  ticks_->wait();
}

void MetricsLog::stop() {
  const std::scoped_lock lock(ticks_->mutex);
  ticks_->running = false;
  ticks_->timer.cancel();
}

}  // namespace loci::storage
