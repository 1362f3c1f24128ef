#include "transcript/session_text.hpp"

#include <loci/base/json_writer.hpp>
#include <loci/base/text.hpp>

#include "transcript/draft_building.hpp"

namespace loci::transcript {

JsonText with_member(JsonText object, std::string_view name, std::string_view value) {
  std::string& text = object.text;
  text.resize(text.rfind('}'));
  const bool first = text[text.find_last_not_of(" \t\r\n")] == '{';
  if (!first) text += ',';
  append_json_string(text, name);
  text += ':';
  text += value;
  text += '}';
  return object;
}

std::string title_from(std::string_view question) {
  constexpr std::size_t longest = 80;
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t begin = question.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  question = utf8_prefix(question.substr(begin), longest);
  question = question.substr(0, question.find_first_of("\r\n"));
  return std::string(question.substr(0, question.find_last_not_of(blank) + 1));
}

std::string text_in(const Json& value) {
  if (value.is_string()) return *value.string();
  if (value.is_object()) return value["text"].string_or("");
  std::string text;
  for (const Json block : value) {
    append_text(text, block.is_object() ? block["text"].string_or("") : block.string_or(""));
  }
  return text;
}

}  // namespace loci::transcript
