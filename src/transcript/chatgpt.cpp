#include "transcript/chatgpt_content.hpp"
#include "transcript/draft_building.hpp"
#include "transcript/format_reader.hpp"
#include "transcript/parents_first.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

// The export of ChatGPT: conversations whose `mapping` is a tree of nodes, most of which hold a
// message. Nodes without one, and empty system messages, are passed through: their children go to
// the nearest message above. A conversation without an id is named by its first message.
namespace loci::transcript {
namespace {

struct Node {
  std::string id;
  std::optional<std::string> parent;
  Json message;  // missing when the node holds none that is taken over
  std::optional<Timestamp> time;
  std::size_t rank = 0;  // among the children of its parent
};

bool is_empty_system_message(const Json& message) {
  if (message["author"]["role"].string_or("") != "system") return false;
  const ChatgptContent content = read_chatgpt_content(message["content"]);
  return content.parts.text.empty() && is_blank(content.text);
}

bool says_only_role(const Json& author) {
  return std::ranges::all_of(author, [](const Json& member) {
    return member.key() == "role" || member.is_null() || member.raw() == "{}";
  });
}

// One conversation, read into the sink.
class ChatGptConversation {
public:
  ChatGptConversation(const Json& record, Sink& sink, const Place& place)
      : record_(record), sink_(sink), place_(place) {}

  void read() {
    collect_nodes();
    const auto first =
        std::ranges::find_if(nodes_, [](const Node& n) { return n.message.exists(); });
    if (first == nodes_.end()) {
      skip_note(sink_, place_, "a conversation without messages");
      return;
    }
    sink_.begin(draft(*first));
    ParentsFirst messages(sink_, "parent", std::numeric_limits<std::size_t>::max());
    for (const Node& node : nodes_) {
      if (node.message.exists()) {
        messages.add(node.id, node.parent, message(node), place_);
      } else {
        messages.pass_through(node.id, node.parent);
      }
    }
    messages.finish();
    sink_.end({.current_leaf = message_at(record_["current_node"]), .title = {}, .updated_at = {}});
  }

private:
  void collect_nodes() {
    std::unordered_map<std::string, std::pair<std::string, std::size_t>> listed;  // parent and rank
    std::unordered_map<std::string, std::string_view> raw;
    for (const Json value : record_["mapping"]) {
      Node node{.id = value.key(), .parent = value["parent"].string(), .message = {}, .time = {}};
      if (node.id.empty()) node.id = derived_id(value.raw());
      if (node.parent == "") node.parent.reset();
      const auto [known, is_new] = raw.try_emplace(node.id, value.raw());
      if (!is_new) {
        tell_repeat(known->second == value.raw());
        continue;
      }
      std::size_t rank = 0;
      for (const Json child : value["children"]) {
        if (auto id = child.string()) listed.try_emplace(*std::move(id), node.id, rank++);
      }
      take_message(node, value["message"]);
      nodes_.push_back(std::move(node));
    }
    for (Node& node : nodes_) {
      const auto place = listed.find(node.id);
      if (place == listed.end()) continue;
      if (!node.parent) node.parent = place->second.first;
      node.rank = place->second.second;
    }
    // A node without a time comes as soon as its parent is there.
    std::ranges::stable_sort(nodes_, {}, [](const Node& node) {
      return std::tuple(node.time.value_or(Timestamp::min()), node.rank);
    });
    for (std::size_t i = 0; i < nodes_.size(); ++i) by_id_.emplace(nodes_[i].id, i);
  }

  void tell_repeat(bool same) {
    if (same) return skip_note(sink_, place_, "a node stands there twice");
    skip_fault(sink_, place_, "two nodes have the same id; the second is left out");
  }

  void take_message(Node& node, const Json& message) {
    if (!message.is_object()) {
      skip_note(sink_, place_, "a node without a message");
    } else if (is_empty_system_message(message)) {
      skip_note(sink_, place_, "an empty system message");
    } else {
      node.message = message;
      node.time = time_of(message["create_time"]);
    }
  }

  ConversationDraft draft(const Node& first) const {
    ConversationDraft draft;
    draft.source = "chatgpt";
    const Json id = first_of(record_, {"id", "conversation_id"});
    draft.source_id = id.string_or("");
    if (draft.source_id.empty()) draft.source_id = derived_id(first.id + '\n' + content_of(first));
    draft.title = record_["title"].string_or("");
    draft.created_at = time_of(record_["create_time"]);
    draft.updated_at = time_of(record_["update_time"]);
    std::vector<std::string_view> held{"mapping", "current_node"};
    if (id.is_string()) held.push_back("id");
    if (id.raw() == record_["conversation_id"].raw()) held.push_back("conversation_id");
    if (decodes_exactly(record_["title"])) held.push_back("title");
    if (draft.created_at) held.push_back("create_time");
    if (draft.updated_at) held.push_back("update_time");
    draft.metadata = object_without(record_, held);
    return draft;
  }

  static std::string content_of(const Node& node) {
    return read_chatgpt_content(node.message["content"]).text;
  }

  MessageDraft message(const Node& node) {
    const Json source = node.message;
    ChatgptContent content = read_chatgpt_content(source["content"]);
    if (!content.is_exact) {
      note_changed_text(sink_, place_);
    }
    MessageDraft draft;
    draft.source_id = node.id;
    draft.role = role_or_system(source["author"]["role"].string_or(""), sink_, place_);
    draft.content = std::move(content.text);
    draft.parts = std::move(content.parts);
    draft.model = source["metadata"]["model_slug"].string_or("");
    draft.created_at = node.time;
    draft.metadata = metadata(node, draft.role);
    if (const auto tool = called_tool(node)) {
      const Json text = source["content"]["text"];
      const Json code = text.exists() ? text : *source["content"]["parts"].begin();
      draft.calls.push_back({node.id, *tool, tool_arguments(code)});
    } else if (const auto call = answered_call(node)) {
      const std::string status = source["metadata"]["aggregate_result"]["status"].string_or("");
      draft.results.push_back({*call, status.starts_with("failed")});
    }
    return draft;
  }

  static JsonText metadata(const Node& node, Role role) {
    const Json author = node.message["author"];
    std::vector<std::string_view> held{"content"};
    if (node.message["id"].string_or("") == node.id) held.push_back("id");
    if (node.time) held.push_back("create_time");
    if (author["role"].string_or("") == to_string(role) && says_only_role(author)) {
      held.push_back("author");
    }
    return object_without(node.message, held);
  }

  // A message of the assistant that is addressed to a tool is the call of that tool.
  static std::optional<std::string> called_tool(const Node& node) {
    if (node.message["author"]["role"].string_or("") != "assistant") return std::nullopt;
    std::string recipient = node.message["recipient"].string_or("all");
    if (recipient.empty() || recipient == "all") return std::nullopt;
    return recipient;
  }

  // The first message of a tool below a call is its result.
  std::optional<std::string> answered_call(const Node& node) {
    if (node.message["author"]["role"].string_or("") != "tool") return std::nullopt;
    std::unordered_set<std::size_t> passed;
    std::optional<std::string> above = node.parent;
    while (above) {
      const auto found = by_id_.find(*above);
      if (found == by_id_.end() || !passed.insert(found->second).second) return std::nullopt;
      const Node& parent = nodes_[found->second];
      if (parent.message.exists()) {
        if (!called_tool(parent) || !answered_.insert(parent.id).second) return std::nullopt;
        return parent.id;
      }
      above = parent.parent;
    }
    return std::nullopt;
  }

  // The message that a node holds, or the nearest above.
  std::optional<std::string> message_at(const Json& node_id) const {
    std::unordered_set<std::size_t> passed;
    std::optional<std::string> id = node_id.string();
    while (id) {
      const auto found = by_id_.find(*id);
      if (found == by_id_.end() || !passed.insert(found->second).second) return std::nullopt;
      if (nodes_[found->second].message.exists()) return id;
      id = nodes_[found->second].parent;
    }
    return std::nullopt;
  }

  Json record_;
  Sink& sink_;
  const Place& place_;
  std::vector<Node> nodes_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::unordered_set<std::string> answered_;  // calls that have their result
};

class ChatgptReader final : public FormatReader {
public:
  explicit ChatgptReader(Sink& sink) : sink_(sink) {}

  void record(const Json& record, const Place& place) override {
    if (!record["mapping"].is_object()) {
      return skip_fault(sink_, place, "no `mapping`: not a conversation of ChatGPT");
    }
    ChatGptConversation(record, sink_, place).read();
  }

  void finish(const Place&) override {}

private:
  Sink& sink_;
};

}  // namespace

std::unique_ptr<FormatReader> make_chatgpt_reader(Sink& sink) {
  return std::make_unique<ChatgptReader>(sink);
}

}  // namespace loci::transcript
