// OpenAssistant: trees of prompts and ranked replies. Three shapes of record are read:
// - a tree, {"message_tree_id", "prompt": {..., "replies": [...]}};
// - a message that starts a tree, with its replies inside: the same conversation as that tree;
// - flat messages that name their parent. Their trees are known only at the end of the file, so the
//   whole file is held; it has one conversation a root. Seed data (`user_message_id`) is flat too,
//   and a source of its own, "oasst-seed": its ids are made up by hand.
// A conversation is named by its tree, which is its first message's id.
#include "transcript/draft_building.hpp"
#include "transcript/format_reader.hpp"
#include "transcript/session_text.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <ranges>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace loci::transcript {
namespace {

constexpr double unranked = std::numeric_limits<double>::infinity();

struct Node {
  MessageDraft message;
  std::optional<std::string> parent;
  std::string tree;  // as the record names it; empty when it does not
  double rank = unranked;
  Place place;
  std::vector<Node*> replies;
};

// What the shapes call the same things.
struct Names {
  std::string_view id;
  std::string_view parent;
};
constexpr Names export_names{"message_id", "parent_id"};
constexpr Names seed_names{"user_message_id", "parent_message_id"};

std::optional<Node> read_node(const Json& record, const Names& names, Sink& sink,
                              const Place& place) {
  const auto text = record["text"].string();
  if (!text) return std::nullopt;
  Node node;
  node.place = place;
  node.parent = record[names.parent].string();
  node.tree = record["message_tree_id"].string_or("");
  node.rank = record["rank"].number().value_or(unranked);

  MessageDraft& message = node.message;
  message.source_id = record[names.id].string_or("");
  if (message.source_id.empty()) {
    message.source_id = derived_id(node.parent.value_or("") + "\n" + *text);
  }
  message.content = *text;
  if (!decodes_exactly(record["text"])) {
    PartsBuilder parts;
    parts.add(record["text"]);
    message.parts = parts.take();
    note_changed_text(sink, place);
  }
  const std::string role = record["role"].string_or("");
  message.role = role_or_system(role, sink, place);
  message.model = record["model_name"].string_or("");
  message.created_at = time_of(record["created_date"]);
  message.metadata =
      object_without(record, {names.id, names.parent, "message_tree_id", "text", "replies",
                              "model_name", "created_date", parse_role(role) ? "role" : names.id});
  return node;
}

// From the root along the reply that people liked best.
const Node& best_leaf(const Node& root) {
  const Node* at = &root;
  while (!at->replies.empty()) {
    at = *std::ranges::min_element(at->replies, {}, [](const Node* reply) { return reply->rank; });
  }
  return *at;
}

// The messages of one file or tree; the deque keeps them where the links point.
struct Forest {
  std::deque<Node> nodes;
  std::unordered_map<std::string, Node*> by_id;
  std::vector<Node*> roots;

  // Null when there was one of that id.
  Node* add(Node node) {
    const auto [known, is_new] = by_id.try_emplace(node.message.source_id, nullptr);
    if (!is_new) return nullptr;
    nodes.push_back(std::move(node));
    return known->second = &nodes.back();
  }

  // Links every message to the parent it names. Those without become roots, and of each circle the
  // message that comes first.
  void link() {
    for (Node& node : nodes) {
      const auto parent = node.parent ? by_id.find(*node.parent) : by_id.end();
      if (parent == by_id.end()) {
        roots.push_back(&node);
      } else {
        parent->second->replies.push_back(&node);
      }
    }
    for (const Node* root : roots) reach(*root);
    for (Node& node : nodes) {
      if (reached_.contains(&node)) continue;
      std::erase(by_id.at(*node.parent)->replies, &node);
      roots.push_back(&node);
      reach(node);
    }
  }

private:
  void reach(const Node& root) {
    std::vector<const Node*> open{&root};
    while (!open.empty()) {
      const Node* node = open.back();
      open.pop_back();
      reached_.insert(node);
      open.insert(open.end(), node->replies.begin(), node->replies.end());
    }
  }

  std::unordered_set<const Node*> reached_;
};

class OasstReader final : public FormatReader {
public:
  explicit OasstReader(Sink& sink) : sink_(sink) {}

  void record(const Json& record, const Place& place) override {
    if (record["prompt"].is_object()) {
      take_tree(record["prompt"], record["message_tree_id"].string_or(""),
                object_without(record, {"message_tree_id", "prompt"}), place);
    } else if (record[seed_names.id].exists()) {
      take_flat(record, seed_names, seed_, place);
    } else if (!record[export_names.id].exists()) {
      skip_fault(sink_, place, "not an OpenAssistant tree or message");
    } else if (record[export_names.parent].is_null() &&
               (record["replies"].is_array() || !record["message_tree_id"].exists())) {
      take_tree(record, record["message_tree_id"].string_or(""), {"{}"}, place);
    } else {
      take_flat(record, export_names, flat_, place);
    }
  }

  void finish(const Place&) override {
    finish_flat("oasst", std::exchange(flat_, {}));
    finish_flat("oasst-seed", std::exchange(seed_, {}));
  }

private:
  void take_tree(const Json& root, const std::string& tree, JsonText metadata, const Place& place) {
    Forest found;
    collect(root, nullptr, found, place);
    if (found.roots.empty()) return skip_fault(sink_, place, "a tree without messages");
    const std::string& first = found.roots.front()->message.source_id;
    hand_over("oasst", tree.empty() ? first : tree, std::move(metadata), found.roots);
  }

  // Depth is bounded by that of JSON itself. A message that is left out leaves its replies to the
  // message above it.
  void collect(const Json& record, Node* parent, Forest& into, const Place& place) {
    if (auto node = read_node(record, export_names, sink_, place)) {
      if (Node* added = into.add(std::move(*node))) {
        (parent ? parent->replies : into.roots).push_back(added);
        parent = added;
      } else {
        skip_note(sink_, place, "a repeated message");
      }
    } else {
      skip_fault(sink_, place, "a message without text");
    }
    for (const Json reply : record["replies"]) collect(reply, parent, into, place);
  }

  void take_flat(const Json& record, const Names& names, Forest& into, const Place& place) {
    auto node = read_node(record, names, sink_, place);
    if (!node) {
      skip_fault(sink_, place, "a message without text");
    } else if (!into.add(std::move(*node))) {
      skip_note(sink_, place, "a repeated message");
    }
    for (const Json reply : record["replies"]) take_flat(reply, names, into, place);
  }

  void finish_flat(const std::string& source, Forest flat) {
    flat.link();
    std::vector<std::pair<std::string, std::vector<Node*>>> trees;
    std::unordered_map<std::string, std::size_t> number_of;
    for (Node* root : flat.roots) {
      if (root->parent) {
        skip_note(sink_, root->place, "the parent is not in the file; taken without one");
      }
      const std::string& id = root->tree.empty() ? root->message.source_id : root->tree;
      const auto [number, is_new] = number_of.try_emplace(id, trees.size());
      if (is_new) trees.push_back({id, {}});
      trees[number->second].second.push_back(root);
    }
    for (const auto& [id, roots] : trees) hand_over(source, id, {"{}"}, roots);
  }

  void hand_over(const std::string& source, const std::string& id, JsonText metadata,
                 const std::vector<Node*>& roots) {
    ConversationDraft conversation;
    conversation.source = source;
    conversation.source_id = id;
    conversation.title = title_from(roots.front()->message.content);
    conversation.metadata = std::move(metadata);
    conversation.created_at = roots.front()->message.created_at;
    const std::string leaf = best_leaf(*roots.front()).message.source_id;
    sink_.begin(std::move(conversation));
    std::optional<Timestamp> latest;
    for (Node* root : roots) hand_over_tree(*root, latest);
    sink_.end({.current_leaf = leaf, .title = std::nullopt, .updated_at = latest});
  }

  // Each message before its replies, in the order of the source.
  void hand_over_tree(Node& root, std::optional<Timestamp>& latest) {
    struct Step {
      Node* node;
      std::optional<std::string> parent;
    };
    std::vector<Step> open{{&root, std::nullopt}};
    while (!open.empty()) {
      auto [node, parent] = std::move(open.back());
      open.pop_back();
      for (Node* reply : node->replies | std::views::reverse) {
        open.push_back({reply, node->message.source_id});
      }
      if (node->parent && node->parent != parent) keep_lost_parent(*node);
      node->message.parent = std::move(parent);
      latest = std::max(latest, node->message.created_at);
      sink_.message(std::move(node->message));
    }
  }

  static void keep_lost_parent(Node& node) {
    std::string name;
    append_json_string(name, *node.parent);
    node.message.metadata = with_member(std::move(node.message.metadata), "parent_id", name);
  }

  Sink& sink_;
  Forest flat_;
  Forest seed_;
};

}  // namespace

std::unique_ptr<FormatReader> make_oasst_reader(Sink& sink) {
  return std::make_unique<OasstReader>(sink);
}

}  // namespace loci::transcript
