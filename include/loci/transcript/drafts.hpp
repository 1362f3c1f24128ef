#pragma once
#include <loci/base/json.hpp>
#include <loci/base/time.hpp>
#include <loci/base/uuid.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a reader makes of a foreign history, before it has Loci's keys. Every text is storable
/// (base/text.hpp); ids are those of the source.
namespace loci::transcript {

enum class Role : std::uint8_t { user, assistant, system, tool };

[[nodiscard]] std::string_view to_string(Role role) noexcept;
[[nodiscard]] std::optional<Role> parse_role(std::string_view name) noexcept;

/// A conversation as its source has it. (source, source_id) names it for ever: reading the same
/// history again must give the same pair.
struct ConversationDraft {
  std::string source;      ///< The format: "chatgpt", "claude", "claude-code", "codex", ...
  std::string source_id;   ///< The source's own id, or one derived from what cannot change.
  std::optional<Uuid> id;  ///< Set only where the source knows Loci's own id.
  std::optional<std::string> user_id;  ///< Empty: the importing user.
  std::string title;        ///< Empty: the first words of the first user message are taken.
  JsonText metadata{"{}"};  ///< An object; what the source said and no column holds.
  std::optional<Timestamp> created_at;  ///< Missing: the first message's time, else 1970.
  std::optional<Timestamp> updated_at;
  std::string status{};         ///< A word of Loci's; empty: the usual one.
  bool title_is_final = false;  ///< True: an empty title stays empty.
};

/// A request of an assistant's message to run a tool.
struct ToolCall {
  std::string call_id;
  std::string name;
  JsonText arguments{"{}"};  ///< Verbatim; a JSON string when the source had text that is no JSON.
  std::optional<Uuid> id{};  ///< Set only where the source knows Loci's own id.
  std::string status{};      ///< A word of Loci's; empty: the results say it.
};

/// What came back for a call made by an earlier message of the same conversation, or by its own.
struct ToolResult {
  std::string call_id;
  bool is_error = false;
};

/// One message. `content` is what a person reads and a search finds: the text blocks joined by
/// blank lines. `parts` keeps every block of the original, verbatim.
struct MessageDraft {
  std::string source_id;              ///< Unique in its conversation, and stable.
  std::optional<Uuid> id;             ///< Set only where the source knows Loci's own id.
  std::optional<std::string> parent;  ///< source_id of a message handed over earlier.
  Role role = Role::user;
  std::string content;
  JsonText parts;                       ///< A JSON array, or empty when `content` says it all.
  std::string model;                    ///< Empty when the source does not say.
  std::optional<Timestamp> created_at;  ///< Missing: the parent's time, else the conversation's.
  JsonText metadata{"{}"};              ///< An object.
  std::vector<ToolCall> calls;
  std::vector<ToolResult> results;
};

/// What is known of a conversation only once its messages were read.
struct ConversationEnd {
  std::optional<std::string> current_leaf;  ///< source_id; missing: the last message.
  std::optional<std::string> title;         ///< Replaces an empty title.
  std::optional<Timestamp> updated_at;
};

/// Something that was not taken over, for the summary and the exit code.
struct Skip {
  enum class Severity : std::uint8_t {
    note,   ///< Nothing was lost: an empty node, a repeat, a bookkeeping record.
    fault,  ///< Something in the file is broken and could not be read.
  };
  Severity severity = Severity::fault;
  std::string file;
  std::string place;   ///< "line 12", "conversation 3 (byte 4711)"; empty: the file as a whole.
  std::string reason;  ///< One line; never holds message content.
  std::uint64_t count = 1;  ///< Records that it stands for.
};

/// Where a reader puts what it finds. Calls come in this order, on the reader's thread:
/// `begin (message)* end`, any number of times, with `skip` and `progress` anywhere between.
class Sink {
public:
  virtual ~Sink() = default;
  virtual void begin(ConversationDraft conversation) = 0;
  virtual void message(MessageDraft message) = 0;
  virtual void end(ConversationEnd conversation) = 0;
  virtual void skip(Skip skip) = 0;
  virtual void progress(
      std::uint64_t bytes_read) = 0;  ///< Bytes of input consumed since the last call.
};

}  // namespace loci::transcript
