#include "transcript/chatgpt_content.hpp"

#include "transcript/draft_building.hpp"

#include <initializer_list>
#include <string_view>

namespace loci::transcript {
namespace {

// Gathers strings, and whether each came through unchanged.
class Gathering {
public:
  void add(const Json& value) {
    if (!value.is_string()) return;
    append_text(text, *value.string());
    is_exact = is_exact && decodes_exactly(value);
  }

  // Strings, and the text of blocks that have one (the transcript of a voice message).
  void add_parts(const Json& parts) {
    for (const Json part : parts) add(part.is_object() ? part["text"] : part);
  }

  std::string text;
  bool is_exact = true;
};

// True when the text alone gives the content back: one string, nothing beside it.
bool is_plain(const Json& content) {
  if (content.is_string()) return true;
  const Json parts = content["parts"];
  return content.size() == 2 && content["content_type"].string_or("") == "text" &&
         parts.is_array() && (parts.empty() || (parts.size() == 1 && (*parts.begin()).is_string()));
}

void gather(Gathering& found, const Json& content) {
  const std::string type = content["content_type"].string_or("");
  if (content.is_string()) return found.add(content);
  if (type == "thoughts") return;
  if (type == "tether_quote") {
    found.add(content["title"]);
    return found.add(content["text"]);
  }
  found.add_parts(content["parts"]);
  for (const std::string_view name : {"text", "result", "content"}) {
    if (found.text.empty()) found.add(content[name]);
  }
}

}  // namespace

ChatgptContent read_chatgpt_content(const Json& content) {
  if (content.is_null()) return {};
  Gathering found;
  gather(found, content);
  ChatgptContent out{.text = std::move(found.text), .parts = {}, .is_exact = found.is_exact};
  if (!out.is_exact || !is_plain(content)) {
    PartsBuilder parts;
    parts.add(content);
    out.parts = parts.take();
  }
  return out;
}

}  // namespace loci::transcript
