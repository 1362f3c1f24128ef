// How fast are create_batch() and append() of many messages beside `\copy` of the same rows?
// README.md has the answer.
//
//   batch_bench [MESSAGES] [ROUNDS]     default: 100000 5
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/runtime.hpp>
#include <loci/storage/postgres_storage.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "pg/embedded/sql.hpp"
#include "support/generated_export.hpp"
#include "timed_programs.hpp"

namespace {

using loci::Deadline;
using loci::Uuid;
using loci::bench::median;
using loci::bench::Place;
using loci::bench::Words;
using loci::pg::EmbeddedServer;
using loci::pg::embedded::run_statement;
using loci::storage::NewMessage;
using loci::storage::PostgresStorage;

constexpr std::size_t k_conversations = 1000;
constexpr std::size_t k_content_bytes = 80;
constexpr const char* k_columns =
    "messages (tenant_id, id, conversation_id, seq, parent_id, role, content, parts, model, "
    "metadata, source_id, created_at)";

Deadline patience() {
  return Deadline::after(std::chrono::minutes(5));
}

// The times of one way to store the messages.
struct Way {
  const char* name;
  std::vector<double> seconds;
};

class Bench {
public:
  Bench(const Place& place, int messages)
      : server_(EmbeddedServer::open({.data_dir = place.path / "data"})),
        admin_(server_.admin_dsn("loci")),
        psql_(EmbeddedServer::find_bin_dir() / "psql"),
        storage_(runtime_.executor(), options(server_.dsn())),
        count_(static_cast<std::size_t>(messages)) {
    runtime_.wait(storage_.connect(patience()));
    std::vector<loci::storage::NewConversation> made(k_conversations);
    for (auto& each : made) each.user_id = "ann";
    for (const auto& each : runtime_.wait(storage_.conversations().create_batch(made))) {
      conversations_.push_back(each.id);
    }
  }

  double create_batch() {
    std::vector<NewMessage> made = messages(conversations_.size());
    return timed([&] { return storage_.messages().create_batch(std::move(made), patience()); });
  }
  double append() {
    std::vector<NewMessage> made = messages(1);
    return timed([&] {
      return storage_.messages().append(conversations_.front(), std::move(made), patience());
    });
  }
  void write_rows(const std::string& file) {
    (void)loci::bench::timed(
        {psql_, admin_, "-qc",
         std::string("\\copy (select tenant_id, id, conversation_id, seq, "
                     "parent_id, role, content, parts, model, metadata, "
                     "source_id, created_at from messages order by ctid) to ") +
             file});
  }
  double copy(const std::string& file) {
    empty();
    return loci::bench::timed({psql_, admin_, "-q1", "-v", "ON_ERROR_STOP=1", "-c",
                               std::string("\\copy ") + k_columns + " from " + file})
        .seconds;
  }

private:
  static loci::storage::PostgresOptions options(std::string dsn) {
    loci::storage::PostgresOptions made;
    made.pool.conninfo = std::move(dsn);
    made.auto_migrate = true;
    return made;
  }

  // The same texts each time, in the first so many of the conversations.
  [[nodiscard]] std::vector<NewMessage> messages(std::size_t conversations) const {
    std::vector<NewMessage> made(count_);
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i].conversation_id = conversations_[i * conversations / made.size()];
      made[i].role = i % 2 == 0 ? "user" : "assistant";
      made[i].content = loci::test::generated_words(static_cast<std::uint32_t>(i), k_content_bytes);
    }
    return made;
  }

  // No messages, and nothing of the round before left to be written out.
  void empty() {
    (void)run_statement(admin_, "truncate messages, tool_executions, memory_sources");
    (void)run_statement(admin_, "update conversations set last_seq = 0, current_leaf_id = null");
    (void)run_statement(admin_, "vacuum conversations");
    (void)run_statement(admin_, "checkpoint");
  }

  template <class Store>
  double timed(Store store) {
    empty();
    const auto start = std::chrono::steady_clock::now();
    const auto stored = runtime_.wait(store());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (stored.size() != count_) throw std::runtime_error("not all were stored");
    return took.count();
  }

  EmbeddedServer server_;
  std::string admin_;
  std::string psql_;
  loci::Runtime runtime_;
  PostgresStorage storage_;
  std::size_t count_;
  std::vector<Uuid> conversations_;
};

void measure(int messages, int rounds, const Place& place) {
  Bench bench(place, messages);
  const std::string many = place.path / "many.copy";
  const std::string one = place.path / "one.copy";
  (void)bench.create_batch();  // once for the rows themselves, which \copy then takes from files
  bench.write_rows(many);
  (void)bench.append();
  bench.write_rows(one);
  Way copies{"\\copy", {}};
  Way batches{"create_batch", {}};
  Way copies_of_one{"\\copy, one conversation", {}};
  Way appends{"append", {}};
  for (int round = 0; round < rounds; ++round) {
    copies.seconds.push_back(bench.copy(many));
    batches.seconds.push_back(bench.create_batch());
    copies_of_one.seconds.push_back(bench.copy(one));
    appends.seconds.push_back(bench.append());
  }
  for (const Way* way : {&copies, &batches, &copies_of_one, &appends}) {
    std::printf("%-24s %8.0f rows/s\n", way->name, messages / median(way->seconds));
  }
  std::printf("create_batch is %.0f%% of \\copy, append %.0f%%\n",
              100 * median(copies.seconds) / median(batches.seconds),
              100 * median(copies_of_one.seconds) / median(appends.seconds));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Place place;
    measure(argc > 1 ? std::atoi(argv[1]) : 100'000, argc > 2 ? std::atoi(argv[2]) : 5, place);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "batch_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
