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

void measure(const Options& options) {
  loci::Runtime runtime(options.threads);
  loci::pg::Pool pool(runtime.executor(),
                      {.conninfo = options.dsn, .max_connections = options.pool});
  if (options.workload == "W5") {
    const Bulk bulk = runtime.wait(copy_messages(pool));
    print({.errors = bulk.rows == k_bulk_rows ? 0U : 1U}, bulk.span, bulk.rows);
    return;
  }
  const Inputs inputs = runtime.wait(prepare(pool, options));
  Span span;
  const Counts counts = run_clients(runtime, pool, inputs, options, span);
  print(counts, span);
}

}  // namespace

int main(int argc, char** argv) {
  const Parsed parsed = parse(argc, argv, Extras::of_loci);
  if (parsed.exit_code) return *parsed.exit_code;
  try {
    measure(parsed.options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "loci-bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
