#include "transcript/claude_content.hpp"

#include "transcript/draft_building.hpp"

#include <algorithm>
#include <vector>

namespace loci::transcript {
namespace {

// Puts one message together, block by block.
class Assembly {
public:
  explicit Assembly(MessageDraft& draft) : draft_(draft) {}

  void add_content(const Json& content) {
    if (content.is_string()) {
      add_text(content);
      content_parts_.add(content);
      return;
    }
    if (!content.is_array()) {
      if (content.is_null()) return;
      is_plain_ = false;
      content_parts_.add(content);
      return;
    }
    if (content.size() > 1) is_plain_ = false;
    for (const Json block : content) add_block(block);
  }

  // What older exports have, and the newer ones repeat.
  void add_text_when_empty(const Json& text) {
    if (draft_.content.empty()) add_text(text);
  }

  void add_files(const Json& message) {
    for (const Json attachment : message["attachments"]) add_text(attachment["extracted_content"]);
    for (const std::string_view name : {"attachments", "files", "files_v2"}) {
      if (message[name].empty()) continue;
      is_plain_ = false;
      file_parts_.add_member(message, name);
    }
  }

  // True when the text came through unchanged.
  bool finish(const Json& text) {
    if (is_plain_ && is_exact_) return true;
    PartsBuilder parts;
    if (!content_parts_.empty()) {
      parts.add_raw(inside(content_parts_.take()));
    } else if (text.exists()) {
      parts.add_raw(R"({"type":"text","text":)" + std::string(text.raw()) + "}");
    }
    if (!file_parts_.empty()) parts.add_raw(inside(file_parts_.take()));
    draft_.parts = parts.take();
    return is_exact_;
  }

private:
  // The elements of an array that PartsBuilder made.
  static std::string inside(const JsonText& array) {
    return array.text.substr(1, array.text.size() - 2);
  }

  void add_text(const Json& text) {
    if (!text.is_string()) return;
    append_text(draft_.content, *text.string());
    is_exact_ = is_exact_ && decodes_exactly(text);
  }

  void add_block(const Json& block) {
    content_parts_.add(block);
    const std::string type = block["type"].string_or("");
    const bool only_text = type == "text" && block.size() == 2 && block["text"].is_string();
    if (!only_text) is_plain_ = false;
    if (type == "text") add_text(block["text"]);
    if (type == "tool_use") add_call(block);
    if (type == "tool_result") add_result(block);
  }

  void add_call(const Json& block) {
    std::string id = block["id"].string_or("");
    if (id.empty()) id = draft_.source_id + '#' + std::to_string(draft_.calls.size() + 1);
    unanswered_.push_back(id);
    draft_.calls.push_back(
        {std::move(id), block["name"].string_or(""), tool_arguments(block["input"])});
  }

  void add_result(const Json& block) {
    std::string id = block["tool_use_id"].string_or("");
    if (id.empty() && unanswered_.empty()) return;
    if (id.empty()) id = unanswered_.back();
    std::erase(unanswered_, id);
    draft_.results.push_back({std::move(id), block["is_error"].boolean().value_or(false)});
  }

  MessageDraft& draft_;
  PartsBuilder content_parts_;
  PartsBuilder file_parts_;
  std::vector<std::string> unanswered_;
  bool is_plain_ = true;  // one text, and nothing beside it
  bool is_exact_ = true;
};

}  // namespace

bool fill_claude_message(MessageDraft& draft, const Json& message) {
  Assembly assembly(draft);
  assembly.add_content(message["content"]);
  assembly.add_text_when_empty(message["text"]);
  assembly.add_files(message);
  return assembly.finish(message["text"]);
}

bool claude_text_is_held(const MessageDraft& draft, const Json& message) {
  const Json text = message["text"];
  if (text.is_null()) return true;
  if (!text.is_string()) return false;
  const std::string held = *text.string();
  return decodes_exactly(text) && (held.empty() || held == draft.content);
}

}  // namespace loci::transcript
