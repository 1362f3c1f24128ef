#include <loci/pg/pool_options.hpp>

#include <algorithm>
#include <thread>

namespace loci::pg {

PoolOptions optimize_pool(PoolOptions options, const PoolLoad& load) {
  const unsigned here = std::max(std::thread::hardware_concurrency(), 1U);
  const unsigned cores = std::min(load.server_cores == 0 ? here : load.server_cores, 10'000U);
  options.max_connections = static_cast<int>(cores * 2 + 1);
  options.min_connections = std::max(options.max_connections / 4, 1);
  if (load.high_throughput) {
    options.max_lifetime = std::chrono::minutes(15);
    options.max_idle_time = std::chrono::minutes(5);
    options.health_check_period = std::chrono::seconds(30);
  }
  return options;
}

}  // namespace loci::pg
