// How fast is `loci import --no-embed` beside `\copy` of the same rows? README.md has the answer.
//
//   import_bench [PATH] [ROUNDS]     PATH: a history; default: ../shared/data/irc, else generated
#include <loci/pg/embedded_server.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "pg/embedded/sql.hpp"
#include "support/generated_export.hpp"
#include "timed_programs.hpp"

namespace {

namespace fs = std::filesystem;
using loci::bench::median;
using loci::bench::Place;
using loci::bench::Run;
using loci::bench::timed;
using loci::bench::Words;
using loci::pg::EmbeddedServer;
using loci::pg::embedded::run_statement;

constexpr const char* k_conversations =
    "conversations (tenant_id, id, user_id, title, status, metadata, current_leaf_id, last_seq, "
    "source, source_id, created_at, updated_at, deleted_at)";
constexpr const char* k_messages =
    "messages (tenant_id, id, conversation_id, seq, parent_id, role, content, parts, model, "
    "metadata, source_id, created_at)";
constexpr const char* k_empty =
    "truncate conversations, messages, tool_executions, memories, memory_versions, "
    "memory_sources, embedding_jobs, embeddings";

// The empty tables, and nothing of the round before left to be written out.
void empty(const std::string& dsn) {
  (void)run_statement(dsn, k_empty);
  (void)run_statement(dsn, "checkpoint");
}

void measure(const fs::path& history, int rounds, const Place& place) {
  const std::string psql = EmbeddedServer::find_bin_dir() / "psql";
  const fs::path data = place.path / "data";
  EmbeddedServer server = EmbeddedServer::open({.data_dir = data});
  const std::string dsn = server.admin_dsn("loci");
  const Words import{
      loci::bench::loci_program(), "--data-dir", data, "import", "--no-embed", "-q", history};

  // Once for the rows themselves, which \copy then takes from files.
  (void)timed(import);
  const double rows = std::stod(run_statement(dsn, "select count(*) from messages")) +
                      std::stod(run_statement(dsn, "select count(*) from conversations"));
  const std::string files[] = {place.path / "conversations.copy", place.path / "messages.copy"};
  (void)timed({psql, dsn, "-qc", std::string("\\copy ") + k_conversations + " to " + files[0], "-c",
               std::string("\\copy ") + k_messages + " to " + files[1]});
  const Words copy{psql,
                   dsn,
                   "-q1",
                   "-v",
                   "ON_ERROR_STOP=1",
                   "-c",
                   std::string("\\copy ") + k_conversations + " from " + files[0],
                   "-c",
                   std::string("\\copy ") + k_messages + " from " + files[1]};

  std::vector<double> copies;
  std::vector<double> imports;
  std::uint64_t memory = 0;
  for (int round = 0; round < rounds; ++round) {
    empty(dsn);
    copies.push_back(timed(copy).seconds);
    empty(dsn);
    const Run run = timed(import);
    imports.push_back(run.seconds);
    memory = std::max(memory, run.peak_memory);
    std::printf("round %d: copy %.2f s, import %.2f s\n", round + 1, copies.back(), imports.back());
  }
  std::printf("%.0f rows; copy %.0f rows/s, import %.0f rows/s: %.0f%%; import's memory %llu MB\n",
              rows, rows / median(copies), rows / median(imports),
              100 * median(copies) / median(imports),
              static_cast<unsigned long long>(memory / 1'000'000));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Place place;
    fs::path history = argc > 1 ? argv[1] : "../shared/data/irc";
    if (argc < 2 && !fs::exists(history)) {
      history = place.path / "export.json";
      loci::test::write_export(history,
                               {.conversations = 2000, .messages = 50, .content_bytes = 80});
    }
    measure(history, argc > 2 ? std::atoi(argv[2]) : 5, place);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "import_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
