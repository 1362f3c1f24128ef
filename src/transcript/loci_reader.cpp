// Reads what loci_jsonl.cpp writes. Parents are Loci's ids there and the source's here.
#include "transcript/draft_building.hpp"
#include "transcript/format_reader.hpp"
#include "transcript/parents_first.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>
#include <unordered_map>
#include <utility>

namespace loci::transcript {
namespace {

constexpr std::array<std::string_view, 14> conversation_members{
    "loci",     "type",          "id",           "source",     "source_id",
    "user_id",  "title",         "status",       "metadata",   "metadata_text",
    "current_leaf", "created_at", "updated_at"};
constexpr std::array<std::string_view, 15> message_members{
    "type",  "id",       "parent",        "source_id",  "role",       "content",     "parts", "parts_text",
    "model", "metadata", "metadata_text", "created_at", "tool_calls", "tool_results"};

bool has_others(const Json& record, std::span<const std::string_view> known) {
  return std::ranges::any_of(
      record, [&](const Json& member) { return !std::ranges::contains(known, member.key()); });
}

std::optional<Uuid> id_in(const Json& value) {
  return Uuid::parse(value.string_or(""));
}

std::optional<Timestamp> time_in(const Json& value) {
  return parse_timestamp(value.string_or(""));
}

// The JSON of a member, or of the string that holds it; empty when it is not of that kind.
JsonText json_in(const Json& record, const std::string& name, Json::Kind kind) {
  if (const Json value = record[name]; value.kind() == kind) return {std::string(value.raw())};
  std::string text = record[name + "_text"].string_or("");
  if (text.empty()) return {};
  try {
    if (JsonDocument::parse(text).root().kind() == kind) return {std::move(text)};
  } catch (const Error&) {
    // Not JSON: as if it were not there.
  }
  return {};
}

JsonText metadata_in(const Json& record) {
  JsonText metadata = json_in(record, "metadata", Json::Kind::object);
  return metadata.text.empty() ? JsonText{"{}"} : metadata;
}
