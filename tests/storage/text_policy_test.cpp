// Text that PostgreSQL refuses, and input over the limits: refused before anything is sent,
// whatever the column.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <loci/storage/limits.hpp>
#include <map>
#include <set>
#include <sstream>

#include "support/storage_fixture.hpp"

namespace loci::storage {
namespace {

using test::error_of;

/// Puts a text into one column of one record and stores that.
using Put = std::function<Task<bool>(Storage&, std::string)>;

template <class Repository, class New>
Task<bool> create(Repository& repository, New made) {
  (void)co_await repository.create(std::move(made));
  co_return true;
}
template <class Repository, class Key, class Patch>
Task<bool> update(Repository& repository, Key key, Patch patch) {
  (void)co_await repository.update(std::move(key), std::move(patch));
  co_return true;
}

NewConversation conversation() {
  NewConversation made;
  made.user_id = "ann";
  return made;
}
NewMessage message_in(Uuid conversation) {
  NewMessage made;
  made.conversation_id = conversation;
  made.role = "user";
  return made;
}
NewMemory memory() {
  NewMemory made;
  made.content = "a fact";
  return made;
}
NewTool tool() {
  NewTool made;
  made.name = "tool";
  return made;
}
NewToolExecution call() {
  NewToolExecution made;
  made.message_id = Uuid::v7();
  made.tool_call_id = "c";
  made.tool_name = "t";
  return made;
}
NewEmbedding vector() {
  NewEmbedding made;
  made.model_id = 1;
  made.content_id = Uuid::v7();
  made.embedding = {{1, 0}};
  return made;
}

/// Every text column that a caller can fill, and the most bytes it takes.
struct Column {
  Put put;
  std::size_t most;
};
template <class New, class Member>
Put creating(auto repository, New (*make)(), Member member) {
  return [=](Storage& storage, std::string text) {
    New made = make();
    member(made) = std::move(text);
    return create((storage.*repository)(), std::move(made));
  };
}

const std::map<std::string, Column>& text_columns() {
  using S = Storage;
  static const auto message = [] { return message_in(Uuid::v7()); };
  static const std::map<std::string, Column> columns{
      {"conversations.user_id",
       {creating(&S::conversations, conversation, [](auto& c) -> auto& { return c.user_id; }),
        limits::name}},
      {"conversations.title",
       {creating(&S::conversations, conversation, [](auto& c) -> auto& { return c.title; }),
        limits::title}},
      {"conversations.title, changed",
       {[](S& s, std::string text) {
          return update(s.conversations(), Uuid::v7(), ConversationPatch{.title = text});
        },
        limits::title}},
      {"conversations.source",
       {creating(
            &S::conversations,
            +[] {
              NewConversation made = conversation();
              made.source_id = "1";
              return made;
            },
            [](auto& c) -> auto& { return c.source.emplace(); }),
        limits::name}},
      {"conversations.source_id",
       {creating(
            &S::conversations,
            +[] {
              NewConversation made = conversation();
              made.source = "s";
              return made;
            },
            [](auto& c) -> auto& { return c.source_id.emplace(); }),
        limits::name}},
      {"messages.content",
       {creating(&S::messages, +message, [](auto& m) -> auto& { return m.content; }),
        limits::content}},
      {"messages.content, changed",
       {[](S& s, std::string text) {
          return update(s.messages(), Uuid::v7(), MessagePatch{.content = text});
        },
        limits::content}},
      {"messages.model",
       {creating(&S::messages, +message, [](auto& m) -> auto& { return m.model.emplace(); }),
        limits::name}},
      {"messages.model, changed",
       {[](S& s, std::string text) {
          return update(s.messages(), Uuid::v7(), MessagePatch{.model = std::optional(text)});
        },
        limits::name}},
      {"messages.source_id",
       {creating(&S::messages, +message, [](auto& m) -> auto& { return m.source_id.emplace(); }),
        limits::name}},
      {"memories.user_id",
       {creating(&S::memories, memory, [](auto& m) -> auto& { return m.scope.user_id; }),
        limits::name}},
      {"memories.agent_id",
       {creating(&S::memories, memory, [](auto& m) -> auto& { return m.scope.agent_id.emplace(); }),
        limits::scope}},
      {"memories.namespace",
       {creating(&S::memories, memory, [](auto& m) -> auto& { return m.scope.name_space; }),
        limits::scope}},
      {"memories.content",
       {creating(&S::memories, memory, [](auto& m) -> auto& { return m.content; }),
        limits::content}},
      {"memories.content, upserted",
       {[](S& s, std::string text) -> Task<bool> {
          NewMemory made = memory();
          made.content = std::move(text);
          (void)co_await s.memories().upsert(std::move(made));
          co_return true;
        },
        limits::content}},
      {"memories.content, superseding",
       {[](S& s, std::string text) -> Task<bool> {
          NewMemory made = memory();
          made.content = std::move(text);
          (void)co_await s.memories().supersede(Uuid::v7(), std::move(made));
          co_return true;
        },
        limits::content}},
      {"memories.content, changed",
       {[](S& s, std::string text) {
          return update(s.memories(), Uuid::v7(), MemoryPatch{.content = text});
        },
        limits::content}},
      {"tools.name",
       {creating(&S::tools, tool, [](auto& t) -> auto& { return t.name; }), limits::name}},
      {"tools.description",
       {creating(&S::tools, tool, [](auto& t) -> auto& { return t.description; }),
        limits::content}},
      {"tools.description, registered",
       {[](S& s, std::string text) -> Task<bool> {
          NewTool made = tool();
          made.description = std::move(text);
          (void)co_await s.tools().register_tool(std::move(made));
          co_return true;
        },
        limits::content}},
      {"tools.description, changed",
       {[](S& s, std::string text) {
          return update(s.tools(), Uuid::v7(), ToolPatch{.description = text});
        },
        limits::content}},
      {"tool_executions.tool_call_id",
       {creating(&S::tool_executions, call, [](auto& c) -> auto& { return c.tool_call_id; }),
        limits::name}},
      {"tool_executions.tool_name",
       {creating(&S::tool_executions, call, [](auto& c) -> auto& { return c.tool_name; }),
        limits::name}},
      {"tool_executions.error",
       {[](S& s, std::string text) {
          return update(s.tool_executions(), ExecutionKey{Uuid::v7(), "c"},
                        ToolExecutionPatch{.error = std::optional(text)});
        },
        limits::content}},
      {"embedding_models.name",
       {[](S& s, std::string text) -> Task<bool> {
          (void)co_await s.embeddings().add_model(std::move(text), 3);
          co_return true;
        },
        limits::name}},
  };
  return columns;
}

/// Every JSON column that a caller can fill, and whether it takes an object alone.
struct JsonColumn {
  std::function<Task<bool>(Storage&, JsonText)> put;
  bool object;
};
template <class New, class Member>
std::function<Task<bool>(Storage&, JsonText)> creating_json(auto repository, New (*make)(),
                                                            Member member) {
  return [=](Storage& storage, JsonText json) {
    New made = make();
    member(made) = std::move(json);
    return create((storage.*repository)(), std::move(made));
  };
}

const std::map<std::string, JsonColumn>& json_columns() {
  using S = Storage;
  static const auto message = [] { return message_in(Uuid::v7()); };
  static const auto metadata = [](auto& record) -> auto& { return record.metadata; };
  static const std::map<std::string, JsonColumn> columns{
      {"conversations.metadata", {creating_json(&S::conversations, conversation, metadata), true}},
      {"messages.metadata", {creating_json(&S::messages, +message, metadata), true}},
      {"messages.parts",
       {creating_json(&S::messages, +message, [](auto& m) -> auto& { return m.parts.emplace(); }),
        false}},
      {"messages.parts, changed",
       {[](S& s, JsonText json) {
          return update(s.messages(), Uuid::v7(), MessagePatch{.parts = std::optional(json)});
        },
        false}},
      {"memories.metadata", {creating_json(&S::memories, memory, metadata), true}},
      {"memories.metadata, changed",
       {[](S& s, JsonText json) {
          return update(s.memories(), Uuid::v7(), MemoryPatch{.metadata = json});
        },
        true}},
      {"tools.metadata", {creating_json(&S::tools, tool, metadata), true}},
      {"tools.schema",
       {creating_json(&S::tools, tool, [](auto& t) -> auto& { return t.schema; }), false}},
      {"tool_executions.arguments",
       {creating_json(&S::tool_executions, call, [](auto& c) -> auto& { return c.arguments; }),
        false}},
      {"tool_executions.result",
       {[](S& s, JsonText json) {
          return update(s.tool_executions(), ExecutionKey{Uuid::v7(), "c"},
                        ToolExecutionPatch{.result = std::optional(json)});
        },
        false}},
      {"embeddings.metadata", {creating_json(&S::embeddings, vector, metadata), true}},
  };
  return columns;
}

struct TextPolicy : testing::Test, test::StorageFixture {
  // Of a storage that reaches no server: what is refused was refused before.
  TextPolicy() {
    PostgresOptions nowhere = options();
    nowhere.pool.conninfo = "host=/nonexistent";
    unreachable.emplace(runtime.executor(), nowhere);
  }
  template <class Work>
  Error refusal(Work work) {
    return error_of([&] { return run(work()); });
  }
  std::optional<PostgresStorage> unreachable;
};

TEST_F(TextPolicy, NulBrokenUtf8AndLoneSurrogatesAreRefusedInEveryTextColumn) {
  for (const auto& [name, column] : text_columns()) {
    for (const std::string& bad :
         {std::string("a\0b", 3), std::string("\xff"), std::string("\xc3"),
          std::string("\xed\xa0\x80"), std::string("\xc0\x80"), std::string("\xf4\x90\x80\x80")}) {
      const Error error = refusal([&] { return column.put(*unreachable, bad); });
      EXPECT_EQ(error.kind(), ErrorKind::invalid_argument) << name;
      EXPECT_THAT(error.what(), testing::HasSubstr("valid UTF-8")) << name;
    }
  }
}

TEST_F(TextPolicy, TextOverTheLimitIsRefusedInEveryTextColumnNamingIt) {
  for (const auto& [name, column] : text_columns()) {
    const Error error =
        refusal([&] { return column.put(*unreachable, std::string(column.most + 1, 'x')); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument) << name;
    const std::string field = name.substr(name.find('.') + 1, name.find(',') - name.find('.') - 1);
    EXPECT_THAT(error.what(), testing::HasSubstr(field)) << name;
  }
}

TEST_F(TextPolicy, TextUpToTheLimitIsSentWhateverTheColumn) {
  for (const auto& [name, column] : text_columns()) {
    const Error error =
        refusal([&] { return column.put(*unreachable, std::string(column.most, 'x')); });
    EXPECT_EQ(error.kind(), ErrorKind::connect) << name << ": " << error.what();
  }
}

// What stands in an index must fit into it, whatever the text is made of.
TEST_F(TextPolicy, NamesOfTheGreatestLengthFitIntoTheIndexes) {
  std::string name;  // of nothing that could be compressed
  while (name.size() < limits::name) name += Uuid::v7().str().substr(24, 8);
  NewConversation made = conversation();
  made.user_id = name;
  made.source = name;
  made.source_id = name;
  EXPECT_NO_THROW((void)run(storage.conversations().create(made)));
  NewMemory fact = memory();
  fact.scope.user_id = name;
  fact.scope.agent_id = name.substr(0, limits::scope);
  fact.scope.name_space = name.substr(0, limits::scope);
  EXPECT_NO_THROW((void)run(storage.memories().create(fact)));
}

TEST_F(TextPolicy, JsonThatIsNoneIsRefusedInEveryJsonColumn) {
  for (const auto& [name, column] : json_columns()) {
    for (const char* bad : {"", "{", "[1,]", "nul", "{'a': 1}", "{} {}", "\"\xff\""}) {
      const Error error = refusal([&] { return column.put(*unreachable, {bad}); });
      EXPECT_EQ(error.kind(), ErrorKind::invalid_argument) << name << ": " << bad;
    }
    const ErrorKind of_array = refusal([&] { return column.put(*unreachable, {"[1]"}); }).kind();
    EXPECT_EQ(of_array, column.object ? ErrorKind::invalid_argument : ErrorKind::connect) << name;
  }
}

TEST_F(TextPolicy, JsonNestedTooDeepIsRefusedInEveryJsonColumn) {
  const auto nested = [](int depth) {
    std::string json = R"({"a":)";
    json += std::string(static_cast<std::size_t>(depth) - 1, '[');
    json += std::string(static_cast<std::size_t>(depth) - 1, ']');
    return JsonText{json + "}"};
  };
  for (const auto& [name, column] : json_columns()) {
    const Error error =
        refusal([&] { return column.put(*unreachable, nested(limits::json_depth + 1)); });
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument) << name;
    EXPECT_THAT(error.what(), testing::HasSubstr("deeper")) << name;
    EXPECT_EQ(refusal([&] { return column.put(*unreachable, nested(limits::json_depth)); }).kind(),
              ErrorKind::connect)
        << name;
  }
}

TEST_F(TextPolicy, EscapesThatJsonbRefusesStayInJsonAlone) {
  for (const auto& [name, column] : json_columns()) {
    for (const char* escape : {R"({"a":"\u0000"})", R"({"a":"\ud800"})", R"({"\udc00":1})"}) {
      const ErrorKind kind = refusal([&] { return column.put(*unreachable, {escape}); }).kind();
      EXPECT_EQ(kind, column.object ? ErrorKind::invalid_argument : ErrorKind::connect)
          << name << ": " << escape;
    }
  }
}

// A new text column must be added above.
TEST_F(TextPolicy, KnowsEveryTextColumnOfTheSchema) {
  const std::string columns = text(
      "select string_agg(table_name || '.' || column_name, ' ' order by table_name, column_name)"
      "  from information_schema.columns"
      " where table_schema = 'public' and data_type in ('text', 'json', 'jsonb')"
      "   and table_name in ('conversations', 'messages', 'memories', 'tools', 'tool_executions',"
      "                      'embedding_models', 'embeddings')");
  std::istringstream each(columns);
  // Of few words that Loci checks, or made by it.
  const std::set<std::string> closed{"conversations.status",    "messages.role",
                                     "memories.kind",           "tools.status",
                                     "tool_executions.status",  "embedding_models.metric",
                                     "embedding_models.status", "embedding_models.storage",
                                     "embeddings.content_type"};
  for (std::string name; each >> name;) {
    EXPECT_TRUE(text_columns().contains(name) || json_columns().contains(name) ||
                closed.contains(name))
        << name;
  }
}

}  // namespace
}  // namespace loci::storage
