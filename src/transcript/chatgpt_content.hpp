#pragma once
#include <loci/base/json.hpp>

#include <string>

namespace loci::transcript {

/// What a ChatGPT message's `content` says.
struct ChatgptContent {
  std::string text;      ///< What a person reads. Thoughts are none of it; they stay in `parts`.
  JsonText parts;        ///< The content object, verbatim; empty when `text` says it all.
  bool is_exact = true;  ///< False when `text` had to be changed to be storable.
};

/// Known types: text, multimodal_text, code, execution_output, tether_*, thoughts; of another type
/// the first of `parts`, `text`, `result` and `content` that is text is taken.
[[nodiscard]] ChatgptContent read_chatgpt_content(const Json& content);

}  // namespace loci::transcript
