// What does a row cost the client in COPY, in and out? README.md has the answer.
//
//   copy_bench [ROWS] [ROUNDS]     default: 200,000 rows, 5 rounds
#include <loci/pg/copy.hpp>
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/runtime.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <ranges>
#include <string>
#include <vector>

namespace {

using boost::asio::awaitable;
using loci::Deadline;
using namespace loci::pg;

struct Message {
  loci::Uuid id;
  loci::Uuid conversation_id;
  std::string role;
  std::string content;
  loci::JsonText metadata;
  loci::Timestamp created_at;
};

auto messages() {
  return copy_table<Message>("messages", column<type::Uuid>("id", &Message::id),
                             column<type::Uuid>("conversation_id", &Message::conversation_id),
                             column<type::Text>("role", &Message::role),
                             column<type::Text>("content", &Message::content),
                             column<type::Jsonb>("metadata", &Message::metadata),
                             column<type::Timestamptz>("created_at", &Message::created_at));
}

std::vector<Message> some_messages(std::size_t count) {
  std::vector<Message> made(count);
  for (Message& message : made) {
    message = {.id = loci::Uuid::v7(),
               .conversation_id = loci::Uuid::v7(),
               .role = "assistant",
               .content = std::string(300, 'x'),
               .metadata = {R"({"model": "assistant-1", "tokens": 1234})"},
               .created_at = loci::now()};
  }
  return made;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Of this process, the server's not counted.
double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Cost {
  double cpu_us;   // a row
  double wall_us;  // a row
};

template <class Work>
Cost cost(double rows, Work work) {
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return {(cpu_seconds() - cpu) * 1e6 / rows, took.count() * 1e6 / rows};
}

awaitable<void> prepare(Lease& lease) {
  co_await lease.script(
      "drop table if exists messages; create unlogged table messages (id uuid, "
      "conversation_id uuid, role text, content text, metadata jsonb, created_at timestamptz)",
      "prepare", Deadline::never());
}

awaitable<std::size_t> read_raw(Lease& lease) {
  CopyOut copy =
      co_await lease.copy_out("copy messages to stdout (format binary)", Deadline::never());
  std::size_t rows = 0;
  for (auto some = co_await copy.next(); !some.empty(); some = co_await copy.next()) {
    rows += some.size();
  }
  co_return rows;
}

awaitable<std::size_t> read_typed(Lease& lease) {
  auto copy = co_await copy_out(lease, messages(), Deadline::never());
  std::size_t rows = 0;
  for (auto some = co_await copy.next(); !some.empty(); some = co_await copy.next()) {
    rows += some.size();
  }
  co_return rows;
}

void say(const char* what, std::vector<Cost> costs) {
  std::ranges::sort(costs, {}, &Cost::cpu_us);
  const Cost& median = costs[costs.size() / 2];
  std::printf("%-16s client %.2f us a row, %.0f rows/s\n", what, median.cpu_us,
              1e6 / median.wall_us);
}

void measure(std::size_t rows, int rounds) {
  const EmbeddedServer server = EmbeddedServer::open({.throwaway = true});
  loci::Runtime runtime;
  Pool pool(runtime.executor(), {.conninfo = server.dsn()});
  Lease lease = runtime.wait(pool.acquire(Deadline::never()));
  const std::vector<Message> made = some_messages(10'000);
  auto range =
      std::views::iota(std::size_t{0}, rows) |
      std::views::transform([&](std::size_t i) -> const Message& { return made[i % made.size()]; });
  std::vector<Cost> in;
  std::vector<Cost> raw;
  std::vector<Cost> typed;
  const auto count = static_cast<double>(rows);
  for (int round = 0; round < rounds; ++round) {
    runtime.wait(prepare(lease));
    in.push_back(cost(
        count, [&] { (void)runtime.wait(copy_in(lease, messages(), range, Deadline::never())); }));
    raw.push_back(cost(count, [&] { (void)runtime.wait(read_raw(lease)); }));
    typed.push_back(cost(count, [&] { (void)runtime.wait(read_typed(lease)); }));
  }
  say("in", std::move(in));
  say("out, raw", std::move(raw));
  say("out, typed", std::move(typed));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    measure(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000,
            argc > 2 ? std::atoi(argv[2]) : 5);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "copy_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
