#include "figures.hpp"

#include <cstdio>

namespace loci::bench {

void print(const Counts& counts, const Span& span, std::uint64_t bulk_rows) {
  const std::uint64_t ops = bulk_rows > 0 ? bulk_rows : counts.latencies.total();
  std::printf(
      "{\"ops\": %llu, \"seconds\": %.6f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
      "\"errors\": %llu, \"cpu_s\": %.6f",
      static_cast<unsigned long long>(ops), span.seconds, counts.latencies.quantile(0.50),
      counts.latencies.quantile(0.99), static_cast<unsigned long long>(counts.errors),
      span.cpu_seconds);
  if (counts.slow.total() > 0) {
    std::printf(", \"slow_ops\": %llu, \"slow_p99_us\": %.1f",
                static_cast<unsigned long long>(counts.slow.total()), counts.slow.quantile(0.99));
  }
  std::puts("}");
}

}  // namespace loci::bench
