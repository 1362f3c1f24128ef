#pragma once
#include <loci/base/json.hpp>
#include <loci/transcript/drafts.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loci::transcript {

/// What all lines of a Claude Code session say alike (folder, version, branch): taken from its
/// first message into the conversation's metadata, and left out of the messages that agree.
class SharedMembers {
public:
  SharedMembers() = default;
  explicit SharedMembers(const Json& first_record);

  [[nodiscard]] JsonText as_metadata() const;

  /// True when the session says the same as this member of a record.
  [[nodiscard]] bool covers(std::string_view name, const Json& value) const;

private:
  std::vector<std::pair<std::string_view, std::string>> members_;
};

/// The id of a record's message: its uuid, or one derived from its text.
[[nodiscard]] std::string claude_code_id(const Json& record);

/// What a line of type user, assistant, system or attachment says; the message's parts keep it.
[[nodiscard]] Json claude_code_content(const Json& record);

/// A line of type user, assistant, system or attachment as a message without its parent. Nothing
/// when it holds no message.
[[nodiscard]] std::optional<MessageDraft> read_claude_code_message(const Json& record,
                                                                   const SharedMembers& shared);

}  // namespace loci::transcript
