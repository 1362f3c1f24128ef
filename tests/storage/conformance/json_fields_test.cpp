#include <loci/storage/limits.hpp>

#include <functional>
#include <tuple>

#include "storage/conformance/trial.hpp"

// What every field of JSON takes: metadata, which is jsonb and an object, and what is kept byte for
// byte.
namespace loci::storage::conformance {
namespace {

/// Stores JSON somewhere and gives it as it was read back.
using StoreJson = std::function<JsonText(Trial&, const JsonText&)>;

struct JsonField {
  std::string name;
  StoreJson store;
};

std::ostream& operator<<(std::ostream& out, const JsonField& field) {
  return out << field.name;
}

using J = const JsonText&;

std::vector<JsonField> metadata_fields() {
  return {
      {"Conversation",
       [](Trial& t, J json) {
         return t.run(t.conversations().create({.user_id = "a", .metadata = json})).metadata;
       }},
      {"ConversationPatch",
       [](Trial& t, J json) {
         return t.run(t.conversations().update(t.conversation().id, {.metadata = json}))
             .value()
             .metadata;
       }},
      {"Message",
       [](Trial& t, J json) {
         NewMessage made = new_message("x");
         made.conversation_id = t.conversation().id;
         made.metadata = json;
         return t.run(t.messages().create(made)).metadata;
       }},
      {"MessagePatch",
       [](Trial& t, J json) {
         const auto one = t.say_one(t.conversation().id);
         return t.run(t.messages().update(one.id, {.metadata = json})).value().metadata;
       }},
      {"Memory",
       [](Trial& t, J json) {
         NewMemory made = new_memory("x");
         made.metadata = json;
         return t.run(t.memories().create(made)).metadata;
       }},
      {"MemoryUpserted",
       [](Trial& t, J json) {
         NewMemory made = new_memory("x");
         made.metadata = json;
         return t.run(t.memories().upsert(made)).memory.metadata;
       }},
      {"Tool",
       [](Trial& t, J json) {
         return t.run(t.tools().create({.name = "x", .metadata = json})).metadata;
       }},
      {"Embedding",
       [](Trial& t, J json) {
         return t
             .run(t.embeddings().create({.model_id = t.model().id,
                                         .content_id = t.say_one(t.conversation().id).id,
                                         .embedding = {{1, 0, 0}},
                                         .metadata = json}))
             .metadata;
       }},
  };
}

std::vector<JsonField> verbatim_fields() {
  return {
      {"MessageParts",
       [](Trial& t, J json) {
         NewMessage made = new_message("x");
         made.conversation_id = t.conversation().id;
         made.parts = json;
         const auto id = t.run(t.messages().create(made)).id;
         return t.run(t.messages().get(id)).value().parts.value();
       }},
      {"MessagePartsPatch",
       [](Trial& t, J json) {
         const auto one = t.say_one(t.conversation().id);
         return t.run(t.messages().update(one.id, {.parts = std::optional(json)}))
             .value()
             .parts.value();
       }},
      {"ToolSchema",
       [](Trial& t, J json) {
         return t.run(t.tools().create({.name = "x", .schema = json})).schema;
       }},
      {"ExecutionArguments",
       [](Trial& t, J json) {
         const auto said = t.say_one(t.conversation().id);
         return t
             .run(t.executions().create(
                 {.message_id = said.id, .tool_call_id = "c", .tool_name = "x", .arguments = json}))
             .arguments;
       }},
      {"ExecutionResult",
       [](Trial& t, J json) {
         const auto one = t.call(t.conversation().id);
         return t.run(t.executions().update(one.key(), {.result = std::optional(json)}))
             .value()
             .result.value();
       }},
  };
}

std::string nested(int depth, const std::string& inside) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += R"({"a":)";
  return text + inside + std::string(static_cast<std::size_t>(depth), '}');
}

class JsonFields : public testing::TestWithParam<std::tuple<Maker, JsonField>>, public Trial {
protected:
  void SetUp() override { begin(std::get<Maker>(GetParam())); }
  std::string stored(const std::string& text) {
    return std::get<JsonField>(GetParam()).store(*this, {text}).text;
  }
  std::string refusal_of(const std::string& text) {
    try {
      (void)stored(text);
    } catch (const Error& error) {
      return name_of(error);
    }
    return "nothing";
  }
  static std::string named(const testing::TestParamInfo<std::tuple<Maker, JsonField>>& info) {
    return std::get<Maker>(info.param).name + std::get<JsonField>(info.param).name;
  }
};

struct MetadataFields : JsonFields {
  static std::string name(const testing::TestParamInfo<ParamType>& info) { return named(info); }
};
INSTANTIATE_TEST_SUITE_P(Storages, MetadataFields,
                         testing::Combine(every_storage(), testing::ValuesIn(metadata_fields())),
                         MetadataFields::name);

TEST_P(MetadataFields, AreNormalised) {
  EXPECT_EQ(stored("{ \"b\":1.0,\"a\" : [ ]}"), R"({"a": [], "b": 1.0})");
}
TEST_P(MetadataFields, AreObjects) {
  for (const char* text : {"1", "null", "[]", R"("text")"}) {
    EXPECT_EQ(refusal_of(text), "invalid argument") << text;
  }
}
TEST_P(MetadataFields, AreJson) {
  for (const char* text : {"", "{", "{'a': 1}", "{} x", "{\"a\": 01}", "{\"a\": nan}"}) {
    EXPECT_EQ(refusal_of(text), "invalid argument") << text;
  }
}
TEST_P(MetadataFields, RefuseEscapesOfNul) {
  EXPECT_EQ(refusal_of(R"({"a": "\u0000"})"), "invalid argument");
  EXPECT_EQ(refusal_of(R"({"\u0000": 1})"), "invalid argument");
}
TEST_P(MetadataFields, RefuseEscapesOfLoneSurrogates) {
  EXPECT_EQ(refusal_of(R"({"a": "\ud800"})"), "invalid argument");
  EXPECT_EQ(refusal_of(R"({"a": "\udc00x"})"), "invalid argument");
}
TEST_P(MetadataFields, TakeEscapesOfPairs) {
  EXPECT_EQ(stored(R"({"a": "\ud83e\udd86"})"), R"({"a": "🦆"})");
}
TEST_P(MetadataFields, RefuseWhatIsNotUtf8) {
  EXPECT_EQ(refusal_of("{\"a\": \"\xFF\"}"), "invalid argument");
  EXPECT_EQ(refusal_of("{\"a\": \"\xED\xA0\x80\"}"), "invalid argument");
}
TEST_P(MetadataFields, RefuseADeeperNestingThanTheLimit) {
  EXPECT_EQ(refusal_of(nested(limits::json_depth + 1, "1")), "invalid argument");
}
TEST_P(MetadataFields, TakeANestingWithinTheLimit) {
  EXPECT_EQ(refusal_of(nested(limits::json_depth, "1")), "nothing");
}
TEST_P(MetadataFields, RefuseWhatIsOverTheLimit) {
  EXPECT_EQ(refusal_of("{\"a\": \"" + std::string(limits::json, 'x') + "\"}"), "invalid argument");
}

struct VerbatimFields : JsonFields {
  static std::string name(const testing::TestParamInfo<ParamType>& info) { return named(info); }
};
INSTANTIATE_TEST_SUITE_P(Storages, VerbatimFields,
                         testing::Combine(every_storage(), testing::ValuesIn(verbatim_fields())),
                         VerbatimFields::name);

TEST_P(VerbatimFields, KeepEveryByte) {
  const std::string text = "[ {\"b\":1.0,\"a\" : \"\\u0000 \\ud800 \xF0\x9F\xA6\x86\",\"b\":1e5} ]";
  EXPECT_EQ(stored(text), text);
}
TEST_P(VerbatimFields, TakeAnyKindOfValue) {
  for (const char* text : {"1", "null", "[]", R"("text")", "true"}) {
    EXPECT_EQ(refusal_of(text), "nothing") << text;
    begin(std::get<Maker>(GetParam()));
  }
}
TEST_P(VerbatimFields, AreJson) {
  for (const char* text : {"", "{", "{'a': 1}", "[1,]", "1 2"}) {
    EXPECT_EQ(refusal_of(text), "invalid argument") << text;
  }
}
TEST_P(VerbatimFields, RefuseWhatIsNotUtf8) {
  EXPECT_EQ(refusal_of("\"\xFF\""), "invalid argument");
}
TEST_P(VerbatimFields, RefuseADeeperNestingThanTheLimit) {
  EXPECT_EQ(refusal_of(nested(limits::json_depth + 1, "1")), "invalid argument");
}
TEST_P(VerbatimFields, TakeANestingWithinTheLimit) {
  EXPECT_EQ(refusal_of(nested(limits::json_depth, "1")), "nothing");
}
TEST_P(VerbatimFields, RefuseWhatIsOverTheLimit) {
  EXPECT_EQ(refusal_of("\"" + std::string(limits::json, 'x') + "\""), "invalid argument");
}

}  // namespace
}  // namespace loci::storage::conformance
