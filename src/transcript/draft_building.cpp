#include "transcript/draft_building.hpp"

#include <loci/base/error.hpp>

#include <xxhash.h>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>

namespace loci::transcript {
namespace {

// Hex digits of one \uXXXX escape whose backslash is at `at`.
unsigned code_unit(std::string_view text, std::size_t at) {
  unsigned value = 0;
  const std::string_view digits = text.substr(at + 2, 4);
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

bool is_high_surrogate(unsigned unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
bool is_low_surrogate(unsigned unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

bool is_json(const std::string& text) {
  try {
    (void)JsonDocument::parse(text);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// A time a person's history can have; others would not fit every column that holds them.
std::optional<Timestamp> plausible(std::optional<Timestamp> time) {
  using namespace std::chrono;
  constexpr Timestamp first = sys_days(year(1) / 1 / 1);
  constexpr Timestamp last = sys_days(year(9999) / 12 / 31);
  if (!time || *time < first || *time > last) return std::nullopt;
  return time;
}

}  // namespace

JsonText object_without(const Json& object, std::span<const std::string_view> left_out) {
  JsonWriter out;
  out.object();
  if (object.is_object()) {
    for (const Json member : object) {
      const std::string key = member.key();
      if (std::ranges::find(left_out, key) == left_out.end()) out.member(key).raw(member.raw());
    }
  }
  out.close();
  return {std::move(out).text()};
}

void PartsBuilder::add_raw(std::string_view json) {
  if (json.empty()) return;
  if (!blocks_.empty()) blocks_ += ',';
  blocks_ += json;
}

void PartsBuilder::add_member(const Json& holder, std::string_view name) {
  const Json value = holder[name];
  if (!value.exists()) return;
  JsonWriter out;
  out.object().member(name).raw(value.raw()).close();
  add_raw(out.text());
}

JsonText PartsBuilder::take() {
  if (blocks_.empty()) return {};
  std::string array = "[";
  array.reserve(blocks_.size() + 2);
  array += blocks_;
  array += ']';
  blocks_.clear();
  return {std::move(array)};
}

void append_text(std::string& content, std::string_view block) {
  if (block.empty()) return;
  if (!content.empty()) content += "\n\n";
  content += block;
}

std::optional<Timestamp> time_of(const Json& value) {
  if (value.is_string()) return plausible(parse_timestamp(*value.string()));
  const auto number = value.number();
  if (!number) return std::nullopt;
  constexpr double smallest_in_milliseconds = 1e11;  // as seconds: the year 5138
  const bool milliseconds = *number >= smallest_in_milliseconds;
  return plausible(from_unix_seconds(milliseconds ? *number / 1000.0 : *number));
}

std::string derived_id(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  std::string id;
  for (const std::uint64_t half : {hash.high64, hash.low64}) {
    for (int shift = 60; shift >= 0; shift -= 4) id += "0123456789abcdef"[half >> shift & 0xf];
  }
  return id;
}

// Escapes stand in strings alone, so the whole text may be searched for them.
bool texts_decode_exactly(const Json& value) {
  const std::string_view text = value.raw();
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    if (text[at + 1] != 'u') {
      at += 2;
      continue;
    }
    const unsigned unit = code_unit(text, at);
    at += 6;
    if (unit == 0 || is_low_surrogate(unit)) return false;
    if (!is_high_surrogate(unit)) continue;
    if (text.substr(at, 2) != "\\u" || !is_low_surrogate(code_unit(text, at))) return false;
    at += 6;
  }
  return true;
}

bool decodes_exactly(const Json& value) {
  return value.is_string() && texts_decode_exactly(value);
}

JsonText tool_arguments(const Json& arguments) {
  if (arguments.is_null()) return {"{}"};
  if (!arguments.is_string()) return {std::string(arguments.raw())};
  std::string text = *arguments.string();
  if (text.empty()) return {"{}"};
  if (decodes_exactly(arguments) && is_json(text)) return {std::move(text)};
  return {std::string(arguments.raw())};
}

Json first_of(const Json& object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const Json value = object[name]; !value.is_null()) return value;
  }
  return {};
}

bool is_blank(std::string_view text) noexcept {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::size_t held_size(const MessageDraft& message) noexcept {
  std::size_t size = sizeof message + message.content.size() + message.parts.text.size() +
                     message.metadata.text.size();
  for (const ToolCall& call : message.calls) size += sizeof call + call.arguments.text.size();
  return size;
}

Role role_or_system(std::string_view name, Sink& sink, const Place& place) {
  if (const auto role = parse_role(name)) return *role;
  skip_note(sink, place, "a message of a role that is not known; kept as the system's");
  return Role::system;
}

void note_changed_text(Sink& sink, const Place& place) {
  skip_note(sink, place, "NUL or a lone surrogate in a message; the original is kept in its parts");
}

void skip_note(Sink& sink, const Place& place, std::string reason) {
  sink.skip({Skip::Severity::note, place.file, place.where, std::move(reason)});
}

void skip_fault(Sink& sink, const Place& place, std::string reason) {
  sink.skip({Skip::Severity::fault, place.file, place.where, std::move(reason)});
}

}  // namespace loci::transcript
