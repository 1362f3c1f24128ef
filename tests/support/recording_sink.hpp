#pragma once
#include <loci/base/error.hpp>
#include <loci/base/json.hpp>
#include <loci/base/text.hpp>
#include <loci/transcript/drafts.hpp>

#include <gtest/gtest.h>
#include <string>
#include <unordered_set>
#include <vector>

namespace loci::transcript {

/// Keeps all that a reader hands over, and fails the test when the reader breaks the contract of
/// Sink: the order of the calls, unique ids, parents first, storable text, JSON that is JSON.
class RecordingSink final : public Sink {
public:
  struct Conversation {
    ConversationDraft draft;
    std::vector<MessageDraft> messages;
    ConversationEnd end;
  };

  std::vector<Conversation> conversations;
  std::vector<Skip> skips;
  std::uint64_t bytes = 0;

  ~RecordingSink() override { EXPECT_FALSE(open_) << "a conversation was begun and never ended"; }

  void begin(ConversationDraft conversation) override {
    EXPECT_FALSE(open_) << "begin inside a conversation";
    EXPECT_FALSE(conversation.source.empty());
    EXPECT_FALSE(conversation.source_id.empty());
    EXPECT_TRUE(is_storable(conversation.source_id));
    EXPECT_TRUE(is_storable(conversation.title));
    expect_json(conversation.metadata, Json::Kind::object);
    open_ = true;
    seen_.clear();
    conversations.push_back({std::move(conversation), {}, {}});
  }

  void message(MessageDraft message) override {
    ASSERT_TRUE(open_) << "message outside a conversation";
    EXPECT_FALSE(message.source_id.empty());
    EXPECT_TRUE(is_storable(message.source_id));
    EXPECT_TRUE(is_storable(message.content));
    EXPECT_TRUE(is_storable(message.model));
    expect_json(message.metadata, Json::Kind::object);
    if (!message.parts.text.empty()) expect_json(message.parts, Json::Kind::array);
    for (const ToolCall& call : message.calls) {
      EXPECT_TRUE(is_storable(call.call_id) && is_storable(call.name));
      EXPECT_TRUE(is_json(call.arguments)) << "arguments that are no JSON";
    }
    if (message.parent) {
      EXPECT_TRUE(seen_.contains(*message.parent)) << "parent comes later: " << *message.parent;
    }
    EXPECT_TRUE(seen_.insert(message.source_id).second) << "id twice: " << message.source_id;
    conversations.back().messages.push_back(std::move(message));
  }

  void end(ConversationEnd conversation) override {
    ASSERT_TRUE(open_) << "end without begin";
    if (conversation.current_leaf) {
      EXPECT_TRUE(seen_.contains(*conversation.current_leaf)) << "leaf was never handed over";
    }
    open_ = false;
    conversations.back().end = std::move(conversation);
  }

  void skip(Skip skip) override {
    EXPECT_FALSE(skip.reason.empty());
    EXPECT_EQ(skip.reason.find('\n'), std::string::npos) << "more than one line";
    skips.push_back(std::move(skip));
  }

  void progress(std::uint64_t read) override { bytes += read; }

  [[nodiscard]] std::size_t message_count() const {
    std::size_t count = 0;
    for (const Conversation& conversation : conversations) count += conversation.messages.size();
    return count;
  }

  [[nodiscard]] std::vector<Skip> of(Skip::Severity severity) const {
    std::vector<Skip> found;
    for (const Skip& skip : skips) {
      if (skip.severity == severity) found.push_back(skip);
    }
    return found;
  }
  [[nodiscard]] std::vector<Skip> faults() const { return of(Skip::Severity::fault); }
  [[nodiscard]] std::vector<Skip> notes() const { return of(Skip::Severity::note); }

private:
  static bool is_json(const JsonText& json) {
    try {
      (void)JsonDocument::parse(json.text);
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  static void expect_json(const JsonText& json, Json::Kind kind) {
    try {
      const JsonDocument document = JsonDocument::parse(json.text);
      EXPECT_EQ(document.root().kind(), kind) << "the wrong kind of JSON";
    } catch (const Error& error) {
      ADD_FAILURE() << error.what() << ": " << json.text;
    }
  }

  bool open_ = false;
  std::unordered_set<std::string> seen_;  // messages of the open conversation
};

}  // namespace loci::transcript
