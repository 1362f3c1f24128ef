#include <loci/storage/limits.hpp>

#include <functional>
#include <tuple>

#include "storage/conformance/trial.hpp"

// What no text may hold, and how long it may be: in every field of text.
namespace loci::storage::conformance {
namespace {

/// Stores a text somewhere and gives it as it was read back.
using StoreText = std::function<std::string(Trial&, const std::string&)>;

struct TextField {
  std::string name;
  std::size_t most_bytes;
  StoreText store;
};

std::ostream& operator<<(std::ostream& out, const TextField& field) {
  return out << field.name;
}

Conversation make(Trial& t, NewConversation made) {
  const auto id = t.run(t.conversations().create(std::move(made))).id;
  return t.run(t.conversations().get(id)).value();
}
Message make(Trial& t, NewMessage made) {
  made.conversation_id = t.conversation().id;
  const auto id = t.run(t.messages().create(std::move(made))).id;
  return t.run(t.messages().get(id)).value();
}
Memory make(Trial& t, NewMemory made) {
  const auto id = t.run(t.memories().create(std::move(made))).id;
  return t.run(t.memories().get(id)).value();
}
Tool make(Trial& t, NewTool made) {
  const auto id = t.run(t.tools().create(std::move(made))).id;
  return t.run(t.tools().get(id)).value();
}
ToolExecution make(Trial& t, NewToolExecution made) {
  made.message_id = t.say_one(t.conversation().id).id;
  const auto key = t.run(t.executions().create(std::move(made))).key();
  return t.run(t.executions().get(key)).value();
}

std::vector<TextField> text_fields() {
  using S = const std::string&;
  return {
      {"ConversationUser", limits::name,
       [](Trial& t, S text) { return make(t, NewConversation{.user_id = text}).user_id; }},
      {"ConversationTitle", limits::title,
       [](Trial& t, S text) {
         return make(t, NewConversation{.user_id = "a", .title = text}).title;
       }},
      {"ConversationSource", limits::name,
       [](Trial& t, S text) {
         return make(t, NewConversation{.user_id = "a", .source = text, .source_id = "x"})
             .source.value();
       }},
      {"ConversationSourceId", limits::name,
       [](Trial& t, S text) {
         return make(t, NewConversation{.user_id = "a", .source = "x", .source_id = text})
             .source_id.value();
       }},
      {"ConversationNewTitle", limits::title,
       [](Trial& t, S text) {
         return t.run(t.conversations().update(t.conversation().id, {.title = text})).value().title;
       }},
      {"MessageContent", limits::content,
       [](Trial& t, S text) { return make(t, new_message(text)).content; }},
      {"MessageModel", limits::name,
       [](Trial& t, S text) {
         NewMessage made = new_message("x");
         made.model = text;
         return make(t, std::move(made)).model.value();
       }},
      {"MessageSourceId", limits::name,
       [](Trial& t, S text) {
         NewMessage made = new_message("x");
         made.source_id = text;
         return make(t, std::move(made)).source_id.value();
       }},
      {"MessageNewContent", limits::content,
       [](Trial& t, S text) {
         const auto one = t.say_one(t.conversation().id);
         return t.run(t.messages().update(one.id, {.content = text})).value().content;
       }},
      {"MessageNewModel", limits::name,
       [](Trial& t, S text) {
         const auto one = t.say_one(t.conversation().id);
         return t.run(t.messages().update(one.id, {.model = std::optional(text)}))
             .value()
             .model.value();
       }},
      {"MemoryUser", limits::name,
       [](Trial& t, S text) { return make(t, new_memory("x", text)).scope.user_id; }},
      {"MemoryAgent", limits::scope,
       [](Trial& t, S text) {
         NewMemory made = new_memory("x");
         made.scope.agent_id = text;
         return make(t, std::move(made)).scope.agent_id.value();
       }},
      {"MemoryNamespace", limits::scope,
       [](Trial& t, S text) {
         NewMemory made = new_memory("x");
         made.scope.name_space = text;
         return make(t, std::move(made)).scope.name_space;
       }},
      {"MemoryContent", limits::content,
       [](Trial& t, S text) { return make(t, new_memory(text)).content; }},
      {"MemoryNewContent", limits::content,
       [](Trial& t, S text) {
         const auto one = t.run(t.memories().create(new_memory("before " + Uuid::v7().str())));
         return t.run(t.memories().update(one.id, {.content = text})).value().content;
       }},
      {"MemoryUpserted", limits::content,
       [](Trial& t, S text) {
         return t.run(t.memories().upsert(new_memory(text))).memory.content;
       }},
      {"ToolName", limits::name,
       [](Trial& t, S text) { return make(t, NewTool{.name = text}).name; }},
      {"ToolDescription", limits::content,
       [](Trial& t, S text) {
         return make(t, NewTool{.name = "x", .description = text}).description;
       }},
      {"ToolNewDescription", limits::content,
       [](Trial& t, S text) {
         const auto one = make(t, NewTool{.name = "x"});
         return t.run(t.tools().update(one.id, {.description = text})).value().description;
       }},
      {"ToolRegistered", limits::name,
       [](Trial& t, S text) { return t.run(t.tools().register_tool({.name = text})).name; }},
      {"ExecutionCall", limits::name,
       [](Trial& t, S text) {
         return make(t, NewToolExecution{.tool_call_id = text, .tool_name = "x"}).tool_call_id;
       }},
      {"ExecutionTool", limits::name,
       [](Trial& t, S text) {
         return make(t, NewToolExecution{.tool_call_id = "x", .tool_name = text}).tool_name;
       }},
      {"ExecutionError", limits::content,
       [](Trial& t, S text) {
         const auto one = t.call(t.conversation().id);
         return t.run(t.executions().update(one.key(), {.error = std::optional(text)}))
             .value()
             .error.value();
       }},
      {"ModelName", limits::name,
       [](Trial& t, S text) { return t.run(t.embeddings().add_model(text, 3)).name; }},
  };
}

class TextFields : public testing::TestWithParam<std::tuple<Maker, TextField>>, public Trial {
protected:
  void SetUp() override { begin(std::get<Maker>(GetParam())); }
  [[nodiscard]] const TextField& tried() const { return std::get<TextField>(GetParam()); }
  std::string stored(const std::string& text) { return tried().store(*this, text); }
  std::string refusal_of(const std::string& text) {
    try {
      (void)stored(text);
    } catch (const Error& error) {
      return name_of(error);
    }
    return "nothing";
  }
};
INSTANTIATE_TEST_SUITE_P(Storages, TextFields,
                         testing::Combine(every_storage(), testing::ValuesIn(text_fields())),
                         [](const auto& tested) {
                           return std::get<Maker>(tested.param).name +
                                  std::get<TextField>(tested.param).name;
                         });

TEST_P(TextFields, KeepAnyTextThatIsUtf8) {
  const std::string text = "Grüße, 鴨 🦆 \xEF\xBF\xBD \xF4\x8F\xBF\xBF \x01\x7F 'quoted' \\ %s\n";
  EXPECT_EQ(stored(text), text);
}
TEST_P(TextFields, RefuseNul) {
  EXPECT_EQ(refusal_of(std::string("a\0b", 3)), "invalid argument");
}
TEST_P(TextFields, RefuseWhatIsNotUtf8) {
  for (const char* text : {"a\xFF", "\xC3", "\xC0\x80", "\xF5\x80\x80\x80", "\x80"}) {
    EXPECT_EQ(refusal_of(text), "invalid argument");
  }
}
TEST_P(TextFields, RefuseALoneSurrogate) {
  EXPECT_EQ(refusal_of("\xED\xA0\x80"), "invalid argument");
  EXPECT_EQ(refusal_of("\xED\xBF\xBF"), "invalid argument");
}
TEST_P(TextFields, RefuseWhatIsOverTheLimit) {
  EXPECT_EQ(refusal_of(std::string(tried().most_bytes + 1, 'a')), "invalid argument");
}
TEST_P(TextFields, TakeWhatIsJustWithinTheLimit) {
  const std::string text(tried().most_bytes, 'a');
  EXPECT_TRUE(stored(text) == text);
}

}  // namespace
}  // namespace loci::storage::conformance
