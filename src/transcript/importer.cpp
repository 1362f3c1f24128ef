#include <loci/transcript/importer.hpp>

#include <loci/base/error.hpp>
#include <loci/base/text.hpp>

#include <xxhash.h>
#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "transcript/batch_writer.hpp"
#include "transcript/skip_tally.hpp"

namespace loci::transcript {

namespace {

using storage::IngestBatch;
using storage::IngestConversation;

constexpr std::size_t k_title_bytes = 80;

struct Cancelled {};

// Ids of a conversation's messages are looked up by hash: a conversation may have millions.
std::uint64_t key_of(std::string_view source_id) {
  return XXH3_64bits(source_id.data(), source_id.size());
}

std::string title_from(std::string_view content) {
  const std::size_t start = content.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return {};
  std::string_view line = content.substr(start);
  line = line.substr(0, line.find_first_of("\r\n"));
  if (line.size() <= k_title_bytes) return std::string(line);
  std::string_view cut = utf8_prefix(line, k_title_bytes);
  const std::size_t space = cut.rfind(' ');
  if (space != std::string_view::npos && space > k_title_bytes / 2) cut = cut.substr(0, space);
  return std::string(cut) + "…";
}

std::optional<std::string> unless_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

// A call waits for its result; what the results will say anew is left to them.
std::string initial_status(std::string status) {
  return status.empty() || status == "ok" || status == "error" ? "pending" : status;
}

// Turns drafts into batches with Loci's ids, and counts.
class ImportSink final : public Sink {
public:
  ImportSink(Runtime& runtime, storage::PostgresStorage& storage, const ImportOptions& options,
             std::uint64_t bytes_total)
      : options_(options),
        writer_(runtime, storage,
                [this](const IngestConversation& conversation, const Error& error) {
                  skip({.severity = Skip::Severity::fault,
                        .file = conversation.conversation.source.value_or("loci"),
                        .place = "conversation " + conversation.conversation.source_id.value_or(
                                                       conversation.conversation.id.value().str()),
                        .reason = std::string("not stored: ") + error.what()});
                }) {
    progress_.bytes_total = bytes_total;
  }

  void begin(ConversationDraft draft) override {
    ++summary_.conversations;
    conversation_key_ = draft.source + '\0' + draft.source_id;
    messages_.clear();
    calls_.clear();
    results_.clear();
    open_bytes_ = 0;
    const Timestamp start = draft.created_at.value_or(Timestamp{});
    has_start_ = draft.created_at.has_value();
    last_time_ = start;
    current_ = IngestConversation{};
    auto& conversation = current_.conversation;
    has_own_id_ = draft.id.has_value();
    conversation.id = draft.id ? *draft.id : Uuid::derived(start, conversation_key_);
    conversation.user_id = draft.user_id.value_or(options_.user_id);
    conversation.title = std::move(draft.title);
    conversation.metadata.text = to_storable_json(draft.metadata.text);
    if (!draft.status.empty()) current_.status = std::move(draft.status);
    guess_title_ = conversation.title.empty() && !draft.title_is_final;
    guess_.clear();
    is_long_ = false;
    // A conversation begun with Loci itself has no foreign name; its id is its name.
    if (draft.source != "loci" || conversation.id->str() != draft.source_id) {
      conversation.source = std::move(draft.source);
      conversation.source_id = std::move(draft.source_id);
    }
    conversation.created_at = start;
    updated_at_ = draft.updated_at;
  }

  void message(MessageDraft draft) override {
    if (options_.cancelled && options_.cancelled()) throw Cancelled{};
    ++summary_.messages;
    ++progress_.messages;
    storage::Message message;
    Known* const parent = draft.parent ? known(*draft.parent) : nullptr;
    if (!has_start_ && draft.created_at) start_at(*draft.created_at);
    // Not the time of the message before it: the id comes from it, and must be the same when a
    // later export has more messages.
    message.created_at = draft.created_at.value_or(
        parent != nullptr ? parent->time : current_.conversation.created_at.value());
    last_time_ = message.created_at;
    message.id =
        draft.id ? *draft.id
                 : Uuid::derived(message.created_at, conversation_key_ + '\0' + draft.source_id);
    const auto [own, inserted] =
        messages_.try_emplace(key_of(draft.source_id), Known{message.id, message.created_at, 0});
    if (!inserted) {
      skip({.severity = Skip::Severity::note,
            .file = {},
            .place = "conversation " + current_.conversation.source_id.value_or(""),
            .reason = "a message came twice"});
      return;
    }
    if (parent != nullptr) {
      message.parent_id = parent->id;
      if (++parent->children == 2) ++summary_.branches;
    }
    take_calls(draft, message);
    if (guess_title_ && guess_.empty() && draft.role == Role::user)
      guess_ = title_from(draft.content);
    message.role = to_string(draft.role);
    open_bytes_ +=
        draft.content.size() + draft.parts.text.size() + draft.metadata.text.size() + 200;
    message.content = std::move(draft.content);
    if (!draft.parts.text.empty()) message.parts = std::move(draft.parts);
    message.model = unless_empty(std::move(draft.model));
    message.metadata.text = to_storable_json(draft.metadata.text);
    if (!draft.id || message.id.str() != draft.source_id)
      message.source_id = std::move(draft.source_id);
    last_id_ = message.id;
    current_.messages.push_back(std::move(message));
    if (is_full(batch_bytes_ + open_bytes_, batch_messages_ + current_.messages.size())) {
      write_complete();
      if (is_full(open_bytes_, current_.messages.size())) write_part(false);
    }
  }

  void end(ConversationEnd draft) override {
    std::string& title = current_.conversation.title;
    if (title.empty() && draft.title) title = std::move(*draft.title);
    if (title.empty() && guess_title_) title = std::move(guess_);
    if (draft.updated_at) updated_at_ = draft.updated_at;
    if (draft.current_leaf) {
      if (const Known* leaf = known(*draft.current_leaf)) current_.leaf_id = leaf->id;
    }
    if (!current_.leaf_id && !has_own_id_ && !messages_.empty()) current_.leaf_id = last_id_;
    current_.updated_at = updated_at_.value_or(last_time_);
    if (is_long_) {
      write_part(true);
      return;
    }
    close();
    if (is_full(batch_bytes_, batch_messages_)) write_complete();
  }

  void skip(Skip skipped) override { tally_.add(std::move(skipped)); }

  void progress(std::uint64_t bytes_read) override {
    progress_.bytes_read += bytes_read;
    if (options_.on_progress) options_.on_progress(progress_);
  }

  ImportSummary finish() {
    write_complete();
    writer_.finish();
    summary_.new_conversations = writer_.counts().new_conversations;
    summary_.new_messages = writer_.counts().new_messages;
    summary_.erased_conversations = writer_.counts().erased_conversations;
    return std::move(summary_);
  }

  // What is complete is kept; the open conversation is not.
  ImportSummary cancel() {
    summary_.cancelled = true;
    return finish();
  }

private:
  struct Known {
    Uuid id;
    Timestamp time;
    std::uint32_t children;
  };

  [[nodiscard]] bool is_full(std::size_t bytes, std::size_t messages) const {
    return bytes >= options_.batch_bytes || messages >= options_.batch_messages;
  }

  // A conversation that does not say when it began, began with its first message.
  void start_at(Timestamp time) {
    has_start_ = true;
    current_.conversation.created_at = time;
  }

  Known* known(const std::string& source_id) {
    const auto found = messages_.find(key_of(source_id));
    return found == messages_.end() ? nullptr : &found->second;
  }

  void take_calls(MessageDraft& draft, const storage::Message& message) {
    const Uuid conversation = current_.conversation.id.value();
    summary_.tool_calls += draft.calls.size();
    for (ToolCall& call : draft.calls) {
      open_bytes_ += call.arguments.text.size();
      calls_.push_back({.conversation_id = conversation,
                        .call = {.message_id = message.id,
                                 .tool_call_id = std::move(call.call_id),
                                 .tool_name = std::move(call.name),
                                 .arguments = std::move(call.arguments),
                                 .status = initial_status(std::move(call.status)),
                                 .started_at = message.created_at}});
    }
    for (ToolResult& result : draft.results) {
      results_.push_back({.conversation_id = conversation,
                          .tool_call_id = std::move(result.call_id),
                          .message_id = message.id,
                          .is_error = result.is_error,
                          .ended_at = message.created_at});
    }
  }

  // Moves what is known of the open conversation into the batch.
  void close() {
    batch_bytes_ += std::exchange(open_bytes_, 0);
    batch_messages_ += current_.messages.size();
    batch_.conversations.push_back(std::move(current_));
    std::ranges::move(calls_, std::back_inserter(batch_.calls));
    std::ranges::move(results_, std::back_inserter(batch_.results));
    calls_.clear();
    results_.clear();
  }

  void write_complete() {
    if (!batch_.conversations.empty()) writer_.write(std::exchange(batch_, {}));
    batch_bytes_ = 0;
    batch_messages_ = 0;
  }

  // The open conversation goes out in part, in a transaction that it shares with no other: so it
  // can be refused, or left behind by a cancel, alone.
  void write_part(bool last) {
    is_long_ = true;
    IngestConversation rest;
    rest.conversation = current_.conversation;
    rest.status = current_.status;
    if (!last) current_.updated_at = updated_at_.value_or(last_time_);
    close();
    writer_.write_part(std::exchange(batch_, {}), last);
    current_ = std::move(rest);
    batch_bytes_ = 0;
    batch_messages_ = 0;
  }

  const ImportOptions& options_;
  ImportSummary summary_;
  SkipTally tally_{summary_};
  ImportProgress progress_;
  BatchWriter writer_;

  IngestBatch batch_;
  std::size_t batch_bytes_ = 0;
  std::size_t batch_messages_ = 0;

  IngestConversation current_;
  std::size_t open_bytes_ = 0;
  std::vector<storage::IngestToolCall> calls_;  // of the open conversation
  std::vector<storage::IngestToolResult> results_;
  std::string guess_;  // a title made of the first user message
  bool guess_title_ = false;
  bool is_long_ = false;  // the open conversation is written in parts
  std::string conversation_key_;
  std::unordered_map<std::uint64_t, Known> messages_;  // of the open conversation, by source id
  std::optional<Timestamp> updated_at_;
  Timestamp last_time_;
  Uuid last_id_;
  bool has_start_ = false;
  bool has_own_id_ = false;  // Loci's own export: what it does not say is not guessed
};

}  // namespace

Importer::Importer(Runtime& runtime, storage::PostgresStorage& storage, ImportOptions options)
    : runtime_(runtime), storage_(storage), options_(std::move(options)) {}

ImportSummary Importer::run(std::span<const std::filesystem::path> paths) {
  ImportSink sink(runtime_, storage_, options_, input_size(paths));
  try {
    for (const std::filesystem::path& path : paths) read_history(path, options_.read, sink);
  } catch (const Cancelled&) {
    return sink.cancel();
  }
  return sink.finish();
}

}  // namespace loci::transcript
