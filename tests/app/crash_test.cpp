#include <gtest/gtest.h>
#include <algorithm>
#include <random>

#include "app/loci.hpp"
#include "support/child_process.hpp"
#include "support/effort.hpp"
#include "support/generated_export.hpp"

/// Everything is killed at random moments of an import, and nothing is lost or doubled.
namespace loci::app {
namespace {

// So many kills must strike, and at least every second does. LOCI_TEST_LONG=1: twenty.
int kills() {
  return test::rounds(20, 4, 2);
}

constexpr test::ExportShape k_shape{.conversations = 300, .messages = 50, .content_bytes = 80};
constexpr int k_all = k_shape.conversations * k_shape.messages;

class Crash : public testing::Test {
protected:
  Crash() {
    test::write_export(file_, k_shape);
    // One conversation that takes many batches, so that some kills fall into its transaction.
    test::write_export(long_, {.conversations = 1, .messages = 20000, .content_bytes = 20});
    start();
  }

  void start() {
    EXPECT_EQ(loci_({"up"}).code, 0);
    dsn_ = pg::EmbeddedServer::open({.data_dir = loci_.folder()}).admin_dsn("loci");
  }

  [[nodiscard]] Words import() const {
    return loci_.words({"import", "--no-embed", "--json", file_.string()});
  }
  [[nodiscard]] Words import_and_embed() const {
    return loci_.words({"import", "--json", file_.string()});
  }
  [[nodiscard]] std::string value(const std::string& sql) const {
    return test::first_value(dsn_, sql);
  }
  [[nodiscard]] int stored(const std::string& things = "messages") const {
    return std::stoi(value("select count(*) from " + things));
  }

  // Lets an import run until so many are there, and a little further, into the middle of a batch.
  void wait_for(const Program& program, const std::string& things, int goal) {
    test::wait_until([&] { return program.ended() || stored(things) >= goal; });
    const int spins = std::uniform_int_distribution(0, 20)(random_);
    for (int i = 0; i < spins && !program.ended(); ++i) (void)value("select 1");
  }
  [[nodiscard]] int some_of(int all) { return std::uniform_int_distribution(0, all)(random_); }

  void expect_whole_conversations() const {
    EXPECT_EQ(test::damage(dsn_), "");
    EXPECT_EQ(value("select count(*) from conversations where last_seq <> " +
                    std::to_string(k_shape.messages)),
              "0")
        << "part of a conversation was kept";
  }

  void expect_all_after_import(const Words& words) {
    const ProgramEnd end = test::run(words);
    EXPECT_EQ(end.code, 0) << end.err;
    EXPECT_EQ(stored(), k_all);
    EXPECT_EQ(value("select count(distinct source_id) from conversations"),
              std::to_string(k_shape.conversations));
    expect_whole_conversations();
  }

  void forget() {
    (void)value(
        "truncate conversations, messages, tool_executions, memories, memory_versions, "
        "memory_sources, embedding_jobs, embeddings");
  }

  LociOnFolder loci_;
  std::filesystem::path file_ = loci_.place() / "export.json";
  std::filesystem::path long_ = loci_.place() / "long.json";
  std::string dsn_;
  std::minstd_rand random_{20260301};
};

TEST_F(Crash, LeavesNothingHalfWhenTheImportIsKilled) {
  int interrupted = 0;
  for (int round = 0; interrupted < kills() && round < 2 * kills(); ++round) {
    forget();
    Program program(import());
    wait_for(program, "messages", some_of(k_all / 2));
    program.signal(SIGKILL);
    if (program.wait().code == 128 + SIGKILL) ++interrupted;
    expect_whole_conversations();
    expect_all_after_import(import());
  }
  EXPECT_EQ(interrupted, kills()) << "the import was mostly over before it was killed";
}

TEST_F(Crash, LeavesNothingHalfWhenTheServerIsKilled) {
  int interrupted = 0;
  for (int round = 0; interrupted < kills() && round < 2 * kills(); ++round) {
    forget();
    const int server =
        static_cast<int>(json_of(loci_({"status", "--json"})).root()["pid"].integer().value_or(-1));
    ASSERT_GT(server, 1);
    Program program(import());
    wait_for(program, "messages", some_of(k_all / 2));
    ::kill(server, SIGKILL);
    const ProgramEnd end = program.wait();
    if (end.code != 0) {
      ++interrupted;
      EXPECT_EQ(end.code, 1) << end.err;
      EXPECT_EQ(std::ranges::count(end.err, '\n'), 1) << end.err;
    }
    start();
    expect_whole_conversations();
    expect_all_after_import(import());
  }
  EXPECT_EQ(interrupted, kills()) << "the import was mostly over before the server was killed";
}

// Every message is embedded or waits in the queue, whatever was being done.
TEST_F(Crash, LosesAndDoublesNoVectorWhenARunThatEmbedsIsKilled) {
  int interrupted = 0;
  for (int round = 0; interrupted < kills() && round < 2 * kills(); ++round) {
    forget();
    Program program(import_and_embed());
    const bool while_embedding = round % 2 == 1;
    wait_for(program, while_embedding ? "embeddings" : "messages", some_of(k_all / 2));
    program.signal(SIGKILL);
    if (program.wait().code == 128 + SIGKILL) ++interrupted;
    expect_whole_conversations();
    expect_all_after_import(import_and_embed());
    EXPECT_EQ(stored("embeddings"), k_all);
    EXPECT_EQ(stored("embedding_jobs"), 0);
  }
  EXPECT_EQ(interrupted, kills()) << "the run was mostly over before it was killed";
}

TEST_F(Crash, KeepsNothingOfALongConversationThatWasNotFinished) {
  const Words words = loci_.words({"import", "--no-embed", "--json", long_.string()});
  Program program(words);
  // Its rows are not to be seen before its one transaction ends; its locks are.
  test::wait_until([&] {
    return program.ended() ||
           value(
               "select count(*) > 0 from pg_stat_activity where state <> 'idle' and "
               "backend_xid is not null and pid <> pg_backend_pid()") == "t";
  });
  program.signal(SIGKILL);
  EXPECT_EQ(program.wait().code, 128 + SIGKILL);
  EXPECT_EQ(stored(), 0);
  EXPECT_EQ(test::run(words).code, 0);
  EXPECT_EQ(stored(), 20000);
  EXPECT_EQ(test::damage(dsn_), "");
}

}  // namespace
}  // namespace loci::app
