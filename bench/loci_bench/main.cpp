// loci-bench: Loci in one cell of the comparison. bench/README.md says what the cells are.
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>

#include <cstdio>
#include <exception>

#include "bulk.hpp"
#include "clients.hpp"
#include "options.hpp"

namespace {

using namespace loci::bench;

struct Figures {
  std::uint64_t ops = 0;
  Span span;
  Counts counts;
};

Figures measure(const Options& options) {
  loci::Runtime runtime(options.threads);
  loci::pg::Pool pool(runtime.executor(),
                      {.conninfo = options.dsn, .max_connections = options.pool});
  Figures figures;
  if (options.workload == "W5") {
    const Bulk bulk = runtime.wait(copy_messages(pool));
    figures.ops = bulk.rows;
    figures.span = bulk.span;
    figures.counts.errors = bulk.rows == k_bulk_rows ? 0 : 1;
  } else {
    const Inputs inputs = runtime.wait(prepare(pool, options));
    figures.counts = run_clients(runtime, pool, inputs, options, figures.span);
    figures.ops = figures.counts.latencies.total();
  }
  return figures;
}

// The slow statements have figures of their own: the others are what a caller waits for.
void print(const Figures& figures, bool with_slow) {
  const Histogram& latencies = figures.counts.latencies;
  std::printf(
      "{\"ops\": %llu, \"seconds\": %.6f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
      "\"errors\": %llu, \"cpu_s\": %.6f",
      static_cast<unsigned long long>(figures.ops), figures.span.seconds, latencies.quantile(0.50),
      latencies.quantile(0.99), static_cast<unsigned long long>(figures.counts.errors),
      figures.span.cpu_seconds);
  if (with_slow) {
    std::printf(", \"slow_ops\": %llu, \"slow_p99_us\": %.1f",
                static_cast<unsigned long long>(figures.counts.slow.total()),
                figures.counts.slow.quantile(0.99));
  }
  std::puts("}");
}

}  // namespace

int main(int argc, char** argv) {
  const Parsed parsed = parse(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  try {
    print(measure(parsed.options), parsed.options.slow_share > 0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "loci-bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
