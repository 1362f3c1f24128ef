// Reads what loci_jsonl.cpp writes. Parents are Loci's ids there and the source's here.
#include "transcript/draft_building.hpp"
#include "transcript/format_reader.hpp"
#include "transcript/parents_first.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <unordered_set>
#include <utility>

namespace loci::transcript {
namespace {

constexpr std::array<std::string_view, 13> conversation_members{
    "loci",         "type",       "id",        "source",   "source_id",
    "user_id",      "title",      "status",    "metadata", "metadata_text",
    "current_leaf", "created_at", "updated_at"};
constexpr std::array<std::string_view, 14> message_members{
    "type",       "id",    "parent",   "source_id",     "role",       "content",    "parts",
    "parts_text", "model", "metadata", "metadata_text", "created_at", "tool_calls", "tool_results"};

bool has_others(const Json& record, std::span<const std::string_view> known) {
  return std::ranges::any_of(
      record, [&](const Json& member) { return !std::ranges::contains(known, member.key()); });
}

std::optional<Uuid> id_in(const Json& value) {
  return Uuid::parse(value.string_or(""));
}

std::optional<Timestamp> time_of_text(const Json& value) {
  return parse_timestamp(value.string_or(""));
}

// The JSON of a member, or of the string that holds it; empty when there is none, or of another
// kind than `kind`.
JsonText json_in(const Json& record, const std::string& name,
                 std::optional<Json::Kind> kind = std::nullopt) {
  if (const Json value = record[name]; value.exists()) {
    if (kind && value.kind() != *kind) return {};
    return {std::string(value.raw())};
  }
  std::string text = record[name + "_text"].string_or("");
  if (text.empty()) return {};
  try {
    const JsonDocument parsed = JsonDocument::parse(text);
    if (!kind || parsed.root().kind() == *kind) return {std::move(text)};
  } catch (const Error&) {
    // Not JSON: as if it were not there.
  }
  return {};
}

JsonText metadata_in(const Json& record) {
  JsonText metadata = json_in(record, "metadata", Json::Kind::object);
  return metadata.text.empty() ? JsonText{"{}"} : metadata;
}

ToolCall read_call(const Json& record) {
  ToolCall call{.call_id = record["call_id"].string_or(""), .name = record["name"].string_or("")};
  if (JsonText found = json_in(record, "arguments"); !found.text.empty()) {
    call.arguments = std::move(found);
  }
  call.id = id_in(record["id"]);
  call.status = record["status"].string_or("");
  return call;
}

class LociReader final : public FormatReader {
public:
  explicit LociReader(Sink& sink) : sink_(sink), messages_(sink, "parent") {}

  void record(const Json& record, const Place& place) override {
    const std::string type = record["type"].string_or("");
    if (type == "conversation") {
      take_conversation(record, place);
    } else if (type == "message") {
      take_message(record, place);
    } else {
      skip_fault(sink_, place, "not a conversation or message of Loci");
    }
  }

  void finish(const Place& file) override { close(file); }

private:
  void take_conversation(const Json& record, const Place& place) {
    close(place);
    constexpr std::int64_t version = 1;
    if (record["loci"].integer() != version) {
      return skip_fault(sink_, place, "a version of Loci's format that is not known");
    }
    ConversationDraft conversation;
    conversation.id = id_in(record["id"]);
    conversation.source = record["source"].string_or("");
    if (conversation.source.empty()) conversation.source = "loci";
    conversation.source_id = record["source_id"].string_or("");
    if (conversation.source_id.empty() && conversation.id) {
      conversation.source_id = conversation.id->str();
    }
    if (conversation.source_id.empty()) {
      return skip_fault(sink_, place, "a conversation without an id");
    }
    conversation.user_id = record["user_id"].string();
    conversation.title = record["title"].string_or("");
    conversation.title_is_final = true;
    conversation.status = record["status"].string_or("");
    conversation.metadata = metadata_in(record);
    conversation.created_at = time_of_text(record["created_at"]);
    conversation.updated_at = time_of_text(record["updated_at"]);
    end_.updated_at = conversation.updated_at;
    leaf_ = name_of(record["current_leaf"]);
    if (has_others(record, conversation_members)) note_others(place);
    sink_.begin(std::move(conversation));
    open_ = true;
  }

  void take_message(const Json& record, const Place& place) {
    const auto role = parse_role(record["role"].string_or(""));
    const auto content = record["content"].string();
    const std::optional<std::string> name = first_name(record);
    if (!open_) return skip_fault(sink_, place, "a message of no conversation");
    if (!role || !content || !name) return skip_fault(sink_, place, "a message that is not whole");

    MessageDraft message;
    message.id = id_in(record["id"]);
    message.source_id = record["source_id"].string_or("");
    if (message.source_id.empty()) message.source_id = *name;
    message.role = *role;
    message.content = *content;
    message.parts = json_in(record, "parts", Json::Kind::array);
    const bool is_exact = decodes_exactly(record["content"]);
    if (!is_exact && message.parts.text.empty()) {
      message.parts.text = "[" + std::string(record["content"].raw()) + "]";
    }
    message.model = record["model"].string_or("");
    message.metadata = metadata_in(record);
    message.created_at = time_of_text(record["created_at"]);
    for (const Json call : record["tool_calls"]) message.calls.push_back(read_call(call));
    for (const Json result : record["tool_results"]) {
      message.results.push_back(
          {result["call_id"].string_or(""), result["is_error"].boolean().value_or(false)});
    }
    if (messages_.contains(*name) || !source_ids_.insert(message.source_id).second) {
      return skip_note(sink_, place, "a repeated message");
    }
    if (!is_exact) note_changed_text(sink_, place);
    if (has_others(record, message_members)) note_others(place);
    if (name == leaf_) end_.current_leaf = message.source_id;
    messages_.add(*name, name_of(record["parent"]), std::move(message), place);
  }

  // An id as the file uses it, in one spelling.
  static std::optional<std::string> name_of(const Json& value) {
    auto text = value.string();
    if (!text || text->empty()) return std::nullopt;
    if (const auto id = Uuid::parse(*text)) return id->str();
    return text;
  }

  static std::optional<std::string> first_name(const Json& record) {
    auto name = name_of(record["id"]);
    return name ? name : name_of(record["source_id"]);
  }

  void note_others(const Place& place) {
    skip_note(sink_, place, "members that this version does not know were passed over");
  }

  void close(const Place& place) {
    if (!open_) return;
    messages_.finish();
    if (leaf_ && !end_.current_leaf) {
      skip_note(sink_, place, "the current leaf is not in the file; the last message is taken");
    }
    sink_.end(std::exchange(end_, {}));
    source_ids_.clear();
    open_ = false;
  }

  Sink& sink_;
  ParentsFirst messages_;
  ConversationEnd end_;
  std::optional<std::string> leaf_;  // as the file calls it
  std::unordered_set<std::string> source_ids_;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<FormatReader> make_loci_reader(Sink& sink) {
  return std::make_unique<LociReader>(sink);
}

}  // namespace loci::transcript
