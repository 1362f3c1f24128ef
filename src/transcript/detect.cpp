#include "transcript/detect.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <string>
#include <utility>

namespace loci::transcript {
namespace {

constexpr std::array<std::pair<Format, std::string_view>, 10> format_names{{
    {Format::automatic, "auto"},
    {Format::chatgpt, "chatgpt"},
    {Format::claude, "claude"},
    {Format::claude_code, "claude-code"},
    {Format::codex, "codex"},
    {Format::openai, "openai"},
    {Format::sharegpt, "sharegpt"},
    {Format::oasst, "oasst"},
    {Format::irc, "irc"},
    {Format::loci, "loci"},
}};

bool has_any(const Json& object, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view name) { return object[name].exists(); });
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_loci(const Json& record) {
  return record["loci"].exists();
}

bool is_oasst(const Json& record) {
  if (has_any(record, {"message_tree_id", "task_message_id", "user_message_id"})) return true;
  return record["message_id"].exists() && has_any(record, {"replies", "parent_id"});
}

bool is_codex(const Json& record) {
  const std::string type = record["type"].string_or("");
  if (record["payload"].is_object()) {
    return is_one_of(type,
                     {"session_meta", "response_item", "event_msg", "turn_context", "compacted"});
  }
  if (record["record_type"].exists()) return true;
  // The first line of older rollouts.
  return record["id"].is_string() && record["timestamp"].is_string() &&
         has_any(record, {"instructions", "git"}) && !record["messages"].exists();
}

bool is_claude_code(const Json& record) {
  const std::string type = record["type"].string_or("");
  if (type == "summary") return record["leafUuid"].exists();
  if (has_any(record, {"sessionId", "parentUuid", "isSidechain"})) return !type.empty();
  return is_one_of(type, {"user", "assistant"}) && record["message"].is_object() &&
         record["uuid"].exists();
}

bool is_chat_message(const Json& value) {
  return value["role"].is_string() &&
         has_any(value, {"content", "tool_calls", "function_call", "tool_call_id"});
}

bool is_chat_array(const Json& value) {
  return value.is_array() && !value.empty() && is_chat_message(*value.begin());
}

bool is_sharegpt(const Json& record) {
  return std::ranges::any_of(
      std::array{"conversations", "conversation", "items"}, [&](const char* name) {
        const Json turns = record[name];
        if (!turns.is_array() || turns.empty()) return false;
        const Json first = *turns.begin();
        return has_any(first, {"from", "role"}) && has_any(first, {"value", "content", "text"});
      });
}

}  // namespace

std::string_view to_string(Format format) noexcept {
  for (const auto& [known, name] : format_names) {
    if (known == format) return name;
  }
  return "auto";
}

std::optional<Format> parse_format(std::string_view name) noexcept {
  for (const auto& [format, known] : format_names) {
    if (known == name) return format;
  }
  return std::nullopt;
}

std::optional<Format> sniff(const Json& record) {
  if (is_chat_array(record)) return Format::openai;
  if (!record.is_object()) return std::nullopt;
  if (is_loci(record)) return Format::loci;
  if (record["mapping"].is_object()) return Format::chatgpt;
  if (record["chat_messages"].is_array()) return Format::claude;
  if (is_oasst(record)) return Format::oasst;
  if (is_codex(record)) return Format::codex;
  if (is_claude_code(record)) return Format::claude_code;
  if (is_chat_array(record["messages"]) || is_chat_message(record)) return Format::openai;
  if (is_sharegpt(record)) return Format::sharegpt;
  return std::nullopt;
}

bool is_irc_log(std::string_view name, std::string_view first_bytes) {
  if (name.ends_with(".raw.txt")) return true;
  if (!name.ends_with(".txt") && !name.ends_with(".log")) return false;
  const auto is_time = [](std::string_view text) {  // "[12:18] "
    const auto digit = [&](std::size_t i) {
      return std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    };
    return text.size() > 7 && text[0] == '[' && digit(1) && digit(2) && text[3] == ':' &&
           digit(4) && digit(5) && text[6] == ']' && text[7] == ' ';
  };
  return is_time(first_bytes) || first_bytes.starts_with("=== ");
}

bool is_zip(std::string_view first_bytes) {
  return first_bytes.starts_with("PK\x03\x04") || first_bytes.starts_with("PK\x05\x06");
}

std::unique_ptr<FormatReader> make_reader(Format format, Sink& sink, const ReaderLimits& limits) {
  switch (format) {
    case Format::chatgpt:
      return make_chatgpt_reader(sink);
    case Format::claude:
      return make_claude_reader(sink);
    case Format::claude_code:
      return make_claude_code_reader(sink);
    case Format::codex:
      return make_codex_reader(sink);
    case Format::openai:
      return make_openai_reader(sink, limits);
    case Format::sharegpt:
      return make_sharegpt_reader(sink);
    case Format::oasst:
      return make_oasst_reader(sink, limits);
    case Format::loci:
      return make_loci_reader(sink);
    case Format::automatic:
    case Format::irc:
      break;
  }
  return nullptr;
}

}  // namespace loci::transcript
