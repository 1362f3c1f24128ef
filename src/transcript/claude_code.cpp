// Claude Code keeps one JSONL file a session, one line an event, as a tree over uuid/parentUuid.
//
// One file is one conversation, named by the session of its first message. A resumed session
// repeats the old lines in a new file: they have the same ids, so reading both files gives the
// first one's conversation with what was added. Only a root line of a session not seen before
// (files joined end to end) begins another conversation. The file of a sub-agent is a conversation
// of its own,
// `<session>/agent-<id>`; a sub-agent inside a session's file is a branch without a parent there.
#include "transcript/claude_code_message.hpp"
#include "transcript/draft_building.hpp"
#include "transcript/format_reader.hpp"
#include "transcript/parents_first.hpp"
#include "transcript/session_text.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

namespace loci::transcript {
namespace {

// Candidates for the title, the best first; which one counts is known only at the end.
struct Titles {
  std::string given;     // by the person
  std::string made;      // by the assistant
  std::string question;  // what the person asked first
  struct Summary {
    std::string leaf;
    std::string text;
  };
  std::vector<Summary> summaries;

  // True when the record told a title.
  bool read(const std::string& type, const Json& record) {
    if (type == "custom-title") {
      given = record["customTitle"].string_or(given);
    } else if (type == "ai-title") {
      made = record["aiTitle"].string_or(made);
    } else if (type == "summary") {
      summaries.push_back({record["leafUuid"].string_or(""), record["summary"].string_or("")});
    } else {
      return false;
    }
    return true;
  }

  // A session's file may hold summaries of other sessions; one that stands alone is believed.
  [[nodiscard]] std::string best(const ParentsFirst& messages) const {
    if (!given.empty()) return given;
    if (!made.empty()) return made;
    std::string found = summaries.size() == 1 ? summaries.front().text : std::string();
    for (const Summary& summary : summaries) {
      if (messages.contains(summary.leaf)) found = summary.text;
    }
    return found.empty() ? question : found;
  }
};

bool is_true(const Json& value) {
  return value.boolean().value_or(false);
}

// Lines that hold a message; the others keep the books of the program.
bool may_hold_message(const std::string& type, const Json& record) {
  if (type == "user" || type == "assistant" || type == "attachment") return true;
  if (type == "system") return !record["content"].is_null();
  return record["message"]["role"].is_string();
}

class ClaudeCodeReader final : public FormatReader {
public:
  explicit ClaudeCodeReader(Sink& sink) : sink_(sink), messages_(sink, "parentUuid") {}

  void record(const Json& record, const Place& place) override {
    const auto type = record["type"].string();
    if (!type) {
      skip_fault(sink_, place, "not a record of a Claude Code session");
    } else if (may_hold_message(*type, record)) {
      take_message(record, place);
    } else if (!titles_.read(*type, record)) {
      skip_note(sink_, place, "a record that is no message");
      pass_through(record);
    }
  }

  void finish(const Place& file) override {
    if (!began_any_) skip_note(sink_, file, "no message in the file");
    close();
  }

private:
  void take_message(const Json& record, const Place& place) {
    if (open_ && is_another(record)) close();
    if (!open_) shared_ = SharedMembers(record);
    auto message = read_claude_code_message(record, shared_);
    if (!message) {
      skip_fault(sink_, place, "a message without content");
      pass_through(record);
      return;
    }
    if (!open_) begin(record, *message);
    sessions_.insert(record["sessionId"].string_or(""));
    latest_ = std::max(latest_, message->created_at);
    ask(record, *message);

    const std::string id = message->source_id;
    const bool side = is_true(record["isSidechain"]) && !of_agent_;
    if (!messages_.add(id, parent_of(record), std::move(*message), place)) {
      return skip_note(sink_, place, "a repeated message");
    }
    if (!side) leaf_ = id;
    if (!texts_decode_exactly(claude_code_content(record))) note_changed_text(sink_, place);
  }

  static std::optional<std::string> named_parent(const Json& record) {
    for (const char* name : {"parentUuid", "logicalParentUuid"}) {
      if (auto parent = record[name].string(); parent && !parent->empty()) return parent;
    }
    return std::nullopt;
  }

  // A line that does not speak of parents follows the one before.
  std::optional<std::string> parent_of(const Json& record) const {
    return record["parentUuid"].exists() ? named_parent(record) : leaf_;
  }

  void pass_through(const Json& record) {
    const auto id = record["uuid"].string();
    if (id && !id->empty()) messages_.pass_through(*id, parent_of(record));
  }

  static std::string identity_of(const Json& record) {
    std::string session = record["sessionId"].string_or("");
    const std::string agent = record["agentId"].string_or("");
    if (!agent.empty() && is_true(record["isSidechain"])) session += "/agent-" + agent;
    return session;
  }

  bool is_another(const Json& record) const {
    const auto session = record["sessionId"].string();
    if (!session || named_parent(record)) return false;
    return !sessions_.contains(*session) || (of_agent_ && identity_of(record) != identity_);
  }

  void begin(const Json& record, const MessageDraft& first) {
    identity_ = identity_of(record);
    if (identity_.empty()) identity_ = derived_id(first.source_id);
    of_agent_ = identity_.find("/agent-") != std::string::npos;
    ConversationDraft conversation;
    conversation.source = "claude-code";
    conversation.source_id = identity_;
    conversation.metadata = shared_.as_metadata();
    if (const Json session = record["sessionId"]; of_agent_ && session.is_string()) {
      conversation.metadata =
          with_member(std::move(conversation.metadata), "parentSession", session.raw());
    }
    conversation.created_at = first.created_at;
    sink_.begin(std::move(conversation));
    open_ = began_any_ = true;
  }

  // The first thing a person said; what the program says in their name stands in angle brackets.
  void ask(const Json& record, const MessageDraft& message) {
    const bool said = message.role == Role::user && !message.content.starts_with('<') &&
                      !is_true(record["isMeta"]) && !is_true(record["isCompactSummary"]);
    if (titles_.question.empty() && said) titles_.question = title_from(message.content);
  }

  void close() {
    if (!open_) return;
    ConversationEnd end{.current_leaf = leaf_, .title = std::nullopt, .updated_at = latest_};
    if (std::string title = titles_.best(messages_); !title.empty()) end.title = std::move(title);
    messages_.finish();
    sink_.end(std::move(end));
    titles_ = {};
    sessions_.clear();
    leaf_.reset();
    latest_.reset();
    open_ = false;
  }

  Sink& sink_;
  ParentsFirst messages_;
  SharedMembers shared_;
  Titles titles_;
  std::string identity_;
  std::unordered_set<std::string> sessions_;  // of the open conversation
  std::optional<std::string> leaf_;           // the last message that is on no side chain
  std::optional<Timestamp> latest_;
  bool of_agent_ = false;
  bool open_ = false;
  bool began_any_ = false;
};

}  // namespace

std::unique_ptr<FormatReader> make_claude_code_reader(Sink& sink) {
  return std::make_unique<ClaudeCodeReader>(sink);
}

}  // namespace loci::transcript
