#include <fcntl.h>
#include <gmock/gmock.h>
#include <pty.h>
#include <sys/socket.h>
#include <algorithm>
#include <thread>

#include "app/loci.hpp"
#include "support/generated_export.hpp"
#include "support/history_files.hpp"

namespace loci::app {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using transcript::ScratchFolder;

// What `loci --help` and a page of each command must at least say.
TEST(CommandLine, HasHelpForEveryCommand) {
  const std::vector<std::pair<Words, std::string>> pages{{{}, "Exit status"},
                                                         {{"import"}, "--no-embed"},
                                                         {{"export"}, "--output"},
                                                         {{"embed"}, "queue"},
                                                         {{"search"}, "--explain"},
                                                         {{"list"}, "--limit"},
                                                         {{"show"}, "--all"},
                                                         {{"delete"}, "conversation"},
                                                         {{"delete", "conversation"}, "--purge"},
                                                         {{"migrate"}, "status"},
                                                         {{"migrate", "up"}, "pending"},
                                                         {{"migrate", "down"}, "lost"},
                                                         {{"migrate", "status"}, "applied"},
                                                         {{"migrate", "goto"}, "data"},
                                                         {{"migrate", "redo"}, "data is lost"},
                                                         {{"migrate", "dry-run"}, "locks"},
                                                         {{"migrate", "baseline"}, "already"},
                                                         {{"migrate", "lint"}, "loci: allow"},
                                                         {{"up"}, "running"},
                                                         {{"down"}, "Stop"},
                                                         {{"status"}, "PostgreSQL"},
                                                         {{"psql"}, "psql"},
                                                         {{"config"}, "check"},
                                                         {{"config", "show"}, "Secrets"},
                                                         {{"config", "check"}, "FILE"},
                                                         {{"health"}, "--metrics"},
                                                         {{"doctor"}, "Exit code"}};
  for (const auto& [words, expected] : pages) {
    Words asked = words;
    asked.emplace_back("--help");
    const ProgramEnd end = test::run(command({}, asked));
    EXPECT_EQ(end.code, 0) << testing::PrintToString(asked);
    EXPECT_THAT(end.out, HasSubstr(expected)) << testing::PrintToString(asked);
    EXPECT_EQ(end.err, "");
  }
}

TEST(CommandLine, EndsWithTwoOnWrongUsage) {
  const std::vector<Words> wrong{{},
                                 {"nonsense"},
                                 {"import"},
                                 {"import", "--format", "foo", examples()},
                                 {"search"},
                                 {"search", "--limit", "0", "x"},
                                 {"search", "--role", "robot", "x"},
                                 {"search", "--since", "yesterday", "x"},
                                 {"search", "--conversation", "zzz", "x"},
                                 {"show", "no-id"},
                                 {"export", "--conversation", "no-id"},
                                 {"delete", "conversation", "no-id"},
                                 {"migrate", "down"}};
  const LociOnDatabase loci;
  for (const Words& words : wrong) {
    const ProgramEnd end = loci(words);
    EXPECT_EQ(end.code, 2) << testing::PrintToString(words) << end.out << end.err;
    EXPECT_NE(end.err, "") << testing::PrintToString(words);
    EXPECT_EQ(end.out, "") << testing::PrintToString(words);
  }
}

TEST(CommandLine, EndsWithOneAndOneLineWhenItFails) {
  const LociOnDatabase loci;
  const std::string nobody = "018f0000-0000-7000-8000-000000000001";
  const std::vector<std::pair<Words, std::string>> failing{
      {{"import", "/nowhere/at/all"}, "/nowhere/at/all"},
      {{"show", nobody}, nobody},
      {{"delete", "conversation", nobody}, nobody},
      {{"search", "   "}, "nothing to search for"},
      {{"export", "-o", "/nowhere/at/all.jsonl"}, "/nowhere/at/all.jsonl"},
      {{"up"}, "DATABASE_URL"}};
  for (const auto& [words, said] : failing) {
    const ProgramEnd end = loci(words);
    EXPECT_EQ(end.code, 1) << testing::PrintToString(words);
    EXPECT_THAT(end.err, HasSubstr(said));
    EXPECT_EQ(std::ranges::count(end.err, '\n'), 1) << end.err;
    EXPECT_EQ(end.out, "");
  }
}

TEST(CommandLine, EndsWithThreeWhenPartOfTheInputIsBroken) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  const auto good = folder.write("a.jsonl", R"({"messages":[{"role":"user","content":"Hello"}]})");
  const auto cut = folder.write("cut.json", R"([{"id":"c1","title":"T","mapping":{"a":{"id":)");
  const ProgramEnd end = loci({"import", good.string(), cut.string()});
  EXPECT_EQ(end.code, 3);
  EXPECT_THAT(end.err, HasSubstr("cut.json"));
  EXPECT_THAT(end.out, ContainsRegex("messages +1 read +1 new"));
  EXPECT_EQ(loci.value("select count(*) from messages"), "1");
}

TEST(CommandLine, NeverTellsThePasswordOfADatabaseItCannotReach) {
  const std::string secret = "hush-hush-4711";
  for (const std::string& url : {"postgresql://ann:" + secret + "@127.0.0.1:1/x",
                                 "host=127.0.0.1 port=1 user=ann password=" + secret,
                                 "postgresql://ann:" + secret + "@127.0.0.1:1/x?nonsense=1"}) {
    const ProgramEnd end =
        test::run(command({}, {"list"}), {.environment = {{"DATABASE_URL", url}}});
    EXPECT_EQ(end.code, 1);
    EXPECT_EQ(std::ranges::count(end.err, '\n'), 1) << end.err;
    EXPECT_THAT(end.err + end.out, Not(HasSubstr(secret)));
  }
}

TEST(CommandLine, RefusesADatabaseThatIsBehindAndNamesTheRemedy) {
  const LociOnDatabase loci(test::TestServer::instance().fresh_database_name());
  const ProgramEnd refused = loci({"list"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("loci migrate up"));
  EXPECT_EQ(loci({"migrate", "up"}).code, 0);
  EXPECT_EQ(loci({"list"}).code, 0);
  const JsonDocument state = json_of(loci({"migrate", "status", "--json"}));
  ASSERT_GE(state.root().size(), 3U);
  for (const Json row : state.root()) {
    EXPECT_EQ(row["state"].string(), "applied");
    EXPECT_TRUE(row["version"].integer() && row["name"].string() && row["applied_at"].string());
  }
  EXPECT_EQ(json_of(loci({"migrate", "down", "1", "--json"})).root()["undone"].size(), 1U);
  EXPECT_EQ(json_of(loci({"migrate", "up", "--json"})).root()["applied"].size(), 1U);
}

void expect_members(Json value, const std::vector<const char*>& names) {
  for (const char* name : names) EXPECT_TRUE(value[name].exists()) << "no member " << name;
}

TEST(CommandLine, AnswersInJson) {
  const LociOnDatabase loci;
  const JsonDocument imported = json_of(loci({"import", "--json", "--user", "sam", examples()}));
  expect_members(imported.root(), {"conversations", "new_conversations", "messages", "new_messages",
                                   "branches", "tool_calls", "embedded", "embedding_failed",
                                   "notes", "faults", "seconds", "cancelled", "skipped"});
  EXPECT_EQ(imported.root()["new_conversations"].integer(), 39);
  EXPECT_EQ(imported.root()["faults"].integer(), 0);

  const JsonDocument found =
      json_of(loci({"search", "--json", "--explain", "how did I fix the deadlock"}));
  expect_members(found.root(), {"query", "seconds", "model", "hits", "plan"});
  const Json hit = *found.root()["hits"].begin();
  expect_members(hit, {"message_id", "conversation_id", "conversation_title", "role", "created_at",
                       "source_id", "score", "snippet"});
  EXPECT_THAT(hit["conversation_title"].string_or(""), HasSubstr("Deadlock"));

  const JsonDocument listed = json_of(loci({"list", "--json", "--limit", "3"}));
  EXPECT_EQ(listed.root()["total"].integer(), 39);
  EXPECT_EQ(listed.root()["conversations"].size(), 3U);
  expect_members(*listed.root()["conversations"].begin(),
                 {"id", "title", "user_id", "status", "messages", "source", "source_id",
                  "created_at", "updated_at"});

  const std::string conversation = hit["conversation_id"].string_or("");
  const JsonDocument shown = json_of(loci({"show", "--json", "--all", conversation}));
  EXPECT_EQ(shown.root()["conversation"]["id"].string(), conversation);
  expect_members(*shown.root()["messages"].begin(), {"id", "seq", "role", "created_at", "content"});

  EXPECT_EQ(json_of(loci({"embed", "--json"})).root()["embedded"].integer(), 0);
  const JsonDocument deleted = json_of(loci({"delete", "conversation", "--json", conversation}));
  EXPECT_EQ(deleted.root()["deleted"].string(), conversation);
  EXPECT_EQ(deleted.root()["purged"].boolean(), false);
}

bool finds(const LociOnDatabase& loci, const std::string& conversation) {
  const JsonDocument found =
      json_of(loci({"search", "--json", "--limit", "50", "how did I fix the deadlock"}));
  return std::ranges::any_of(found.root()["hits"], [&](Json hit) {
    return hit["conversation_id"].string() == conversation;
  });
}

TEST(CommandLine, FindsNothingOfADeletedConversation) {
  for (const bool purge : {false, true}) {
    const LociOnDatabase loci;
    ASSERT_EQ(loci({"import", "-q", examples()}).code, 0);
    const std::string conversation =
        loci.value("select id from conversations where title like 'Deadlock between%'");
    ASSERT_TRUE(finds(loci, conversation));
    Words words{"delete", "conversation", conversation};
    if (purge) words.emplace_back("--purge");
    EXPECT_EQ(loci(words).code, 0);
    EXPECT_FALSE(finds(loci, conversation));
    EXPECT_EQ(loci({"show", conversation}).code, 1);
    EXPECT_THAT(loci({"export"}).out, Not(HasSubstr(conversation)));
    EXPECT_EQ(loci.value("select count(*) from messages where conversation_id = '" + conversation +
                         "'") == "0",
              purge);
    EXPECT_EQ(loci(words).code, 1) << "deleted twice";
    EXPECT_EQ(test::damage(loci.admin_dsn()), "");
  }
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

// A conversation that tries to take the terminal over: escapes, C1 controls, carriage returns.
TEST(CommandLine, NeverPrintsControlCharactersOfAHistory) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  const std::string evil = R"(evil \u001b[31mred\u001b]0;owned\u0007 \u009b2J \r\b\u007f word)";
  const auto file = folder.write(
      "x.json", R"([{"id":"c1\u001b[2J","title":")" + evil + R"(","create_time":1700000000,)" +
                    R"("mapping":{"a":{"id":"a","parent":null,"children":[],"message":)" +
                    R"({"author":{"role":"user"},"content":{"content_type":"text","parts":[")" +
                    evil + R"("]}}}}}])");
  const ProgramEnd imported = loci({"import", file.string()});
  ASSERT_EQ(imported.code, 0) << imported.err;
  const std::string id = loci.value("select id from conversations");
  for (const Words& words :
       {Words{"list"}, Words{"show", id}, Words{"search", "evil"},
        Words{"search", "--explain", "evil \x1b[31m"}, Words{"show", "\x1b[31m\xc2\x9b"}}) {
    const ProgramEnd end = loci(words);
    const std::string text = end.out + end.err;
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c == '\n' || !is_control(c); }))
        << testing::PrintToString(text);
    EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b"))) << testing::PrintToString(words);
  }
  for (const Words& words :
       {Words{"list", "--json"}, Words{"search", "--json", "evil"}, Words{"export"}}) {
    EXPECT_THAT(loci(words).out, Not(HasSubstr("\x1b"))) << testing::PrintToString(words);
  }
}

TEST(CommandLine, DoesNotMindAReaderThatGoesAway) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  const auto file = folder.path() / "x.json";
  test::write_export(file, {.conversations = 40, .messages = 20, .content_bytes = 400});
  ASSERT_EQ(loci({"import", "--no-embed", file.string()}).code, 0);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  Program program(loci.words({"export"}), {.stdout_fd = ends[1]});
  ::close(ends[1]);
  char bytes[100];
  EXPECT_GT(::read(ends[0], bytes, sizeof bytes), 0);
  ::close(ends[0]);
  const ProgramEnd end = program.wait();
  EXPECT_EQ(end.code, 1);
  EXPECT_THAT(end.err, HasSubstr("standard output was closed"));
}

TEST(CommandLine, WritesTheExportUnderItsNameOnlyWhenItIsWhole) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  ASSERT_EQ(loci({"import", "-q", "--no-embed", examples()}).code, 0);
  const std::string file = (folder.path() / "all.jsonl").string();
  EXPECT_EQ(loci({"export", "-o", file}).code, 0);
  std::ifstream in(file);
  const std::string written{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(written, loci({"export"}).out);
  EXPECT_FALSE(std::filesystem::exists(file + ".part"));
}

TEST(CommandLine, ReadsAHistoryFromStandardInput) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  const auto file = folder.write("x", R"({"messages":[{"role":"user","content":"Hello"}]})");
  const ProgramEnd end = loci({"import", "--json", "-"}, {.stdin_file = file.string()});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_EQ(json_of(end).root()["new_messages"].integer(), 1);
}

// What a program writes to a terminal of its own, both streams.
std::string on_terminal(const Words& words, const ProgramOptions& options = {}) {
  int master = -1;
  int terminal = -1;
  EXPECT_EQ(::openpty(&master, &terminal, nullptr, nullptr, nullptr), 0);
  ::fcntl(master, F_SETFD, FD_CLOEXEC);
  ::fcntl(terminal, F_SETFD, FD_CLOEXEC);
  ProgramOptions all = options;
  all.stdout_fd = terminal;
  all.stderr_fd = terminal;
  Program program(words, all);
  ::close(terminal);
  std::string text;
  char bytes[4096];
  for (ssize_t count = 0; (count = ::read(master, bytes, sizeof bytes)) > 0;) {
    text.append(bytes, static_cast<std::size_t>(count));
  }
  ::close(master);
  EXPECT_EQ(program.wait().code, 0) << text;
  return text;
}

TEST(CommandLine, DrawsAProgressBarAndColoursOnATerminalAlone) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  const auto file = folder.path() / "x.json";
  test::write_export(file, {.conversations = 100, .messages = 50, .content_bytes = 300});
  const std::string shown = on_terminal(loci.words({"import", "--no-embed", file.string()}));
  EXPECT_THAT(shown, HasSubstr("messages (")) << "no rate";
  EXPECT_THAT(shown, HasSubstr("%"));
  EXPECT_THAT(shown, ContainsRegex("\\([0-9,]+/s\\), [0-9][0-9a-z. ]* left"))
      << "no remaining time";
  const ProgramEnd again = loci({"import", "--no-embed", file.string()});
  EXPECT_THAT(again.out + again.err, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("%"))));
  const std::string quiet = on_terminal(loci.words({"import", "-q", "--no-embed", file.string()}));
  EXPECT_THAT(quiet, Not(HasSubstr("%")));

  const Words search = loci.words({"search", "word1"});
  EXPECT_THAT(on_terminal(search), HasSubstr("\x1b["));
  EXPECT_THAT(on_terminal(search, {.environment = {{"NO_COLOR", "1"}}}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(loci({"search", "word1"}).out, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace loci::app
