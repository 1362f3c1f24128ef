#pragma once
#include <loci/transcript/drafts.hpp>

#include <loci/base/json.hpp>

namespace loci::transcript {

/// Fills content, parts, calls and results of `draft`, whose source_id is set, from a message of a
/// Claude.ai export: its `content` blocks (or the older `text`), `attachments` and `files`.
///
/// Text blocks and the extracted text of attachments make the content; thinking stays in the parts.
/// A tool call without an id is named by its message and number; a result without one answers the
/// last call that has no result.
/// Returns false when the content had to be changed to be storable.
bool fill_claude_message(MessageDraft& draft, const Json& message);

/// True when the content that was filled in says what the message's `text` member says.
[[nodiscard]] bool claude_text_is_held(const MessageDraft& draft, const Json& message);

}  // namespace loci::transcript
