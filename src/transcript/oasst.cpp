// OpenAssistant: trees of prompts and ranked replies. Three shapes of record are read:
// - a tree, {"message_tree_id", "prompt": {..., "replies": [...]}};
// - a message that starts a tree, with its replies inside: the same conversation as that tree;
// - flat messages that name their parent, and are put into trees by oasst_forest.hpp; one
//   conversation a tree. Seed data (`user_message_id`) is flat too, and a source of its own,
//   "oasst-seed": its ids are made up by hand.
// A conversation is named by its tree, which is its first message's id.
#include "transcript/draft_building.hpp"
#include "transcript/format_reader.hpp"
#include "transcript/oasst_forest.hpp"
#include "transcript/session_text.hpp"

#include <algorithm>
#include <ranges>
#include <unordered_map>
#include <utility>
#include <vector>

namespace loci::transcript {
namespace {

// What the shapes call the same things.
struct Names {
  std::string_view id;
  std::string_view parent;
};
constexpr Names export_names{"message_id", "parent_id"};
constexpr Names seed_names{"user_message_id", "parent_message_id"};

std::optional<OasstNode> read_node(const Json& record, const Names& names, Sink& sink,
                                   const Place& place) {
  const auto text = record["text"].string();
  if (!text) return std::nullopt;
  OasstNode node;
  node.place = place;
  node.parent = record[names.parent].string();
  node.tree = record["message_tree_id"].string_or("");
  node.rank = record["rank"].number().value_or(OasstNode::unranked);

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
const OasstNode& best_leaf(const OasstNode& root) {
  const OasstNode* at = &root;
  while (!at->replies.empty()) {
    at = *std::ranges::min_element(at->replies, {},
                                   [](const OasstNode* reply) { return reply->rank; });
  }
  return *at;
}

class OasstReader final : public FormatReader {
public:
  OasstReader(Sink& sink, const ReaderLimits& limits)
      : sink_(sink),
        flat_(limits.conversation, limits.open_trees),
        seed_(limits.conversation, limits.open_trees) {}

  void record(const Json& record, const Place& place) override {
    if (record["prompt"].is_object()) {
      take_tree(record["prompt"], record["message_tree_id"].string_or(""),
                object_without(record, {"message_tree_id", "prompt"}), place);
    } else if (record[seed_names.id].exists()) {
      take_flat(record, seed_names, seed_, "oasst-seed", place);
    } else if (!record[export_names.id].exists()) {
      skip_fault(sink_, place, "not an OpenAssistant tree or message");
    } else if (record[export_names.parent].is_null() &&
               (record["replies"].is_array() || !record["message_tree_id"].exists())) {
      take_tree(record, record["message_tree_id"].string_or(""), {"{}"}, place);
    } else {
      take_flat(record, export_names, flat_, "oasst", place);
    }
  }

  void finish(const Place&) override {
    hand_over_flat("oasst", flat_.take_all());
    hand_over_flat("oasst-seed", seed_.take_all());
  }

private:
  void take_tree(const Json& root, const std::string& tree, JsonText metadata, const Place& place) {
    OasstForest found;
    collect(root, nullptr, found, place);
    if (found.roots.empty()) return skip_fault(sink_, place, "a tree without messages");
    const std::string& first = found.roots.front()->message.source_id;
    hand_over("oasst", tree.empty() ? first : tree, std::move(metadata), found.roots);
  }

  // Depth is bounded by that of JSON itself. A message that is left out leaves its replies to the
  // message above it.
  void collect(const Json& record, OasstNode* parent, OasstForest& into, const Place& place) {
    if (auto node = read_node(record, export_names, sink_, place)) {
      if (OasstNode* added = into.add(std::move(*node))) {
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

  void take_flat(const Json& record, const Names& names, OasstFlat& into, const char* source,
                 const Place& place) {
    auto node = read_node(record, names, sink_, place);
    if (!node) {
      skip_fault(sink_, place, "a message without text");
    } else {
      const bool names_tree = !node->tree.empty();
      tell(into.add(std::move(*node)), names_tree, place);
    }
    if (into.is_full()) hand_over_flat(source, into.take_whole_trees());
    for (const Json reply : record["replies"]) take_flat(reply, names, into, source, place);
  }

  void tell(OasstFlat::Taken taken, bool names_tree, const Place& place) {
    using enum OasstFlat::Taken;
    if (taken == repeated) skip_note(sink_, place, "a repeated message");
    if (taken == late) {
      skip_fault(sink_, place,
                 "a message of a tree that ended before; in a file this large the messages of a "
                 "tree must stand together");
    }
    if (taken == too_large) {
      skip_fault(sink_, place,
                 names_tree
                     ? "the tree is larger than 256 MB; left out"
                     : "the messages that name no tree are larger than 256 MB together; left out");
    }
  }

  void hand_over_flat(const std::string& source, OasstForest flat) {
    std::vector<std::pair<std::string, std::vector<OasstNode*>>> trees;
    std::unordered_map<std::string, std::size_t> number_of;
    for (OasstNode* root : flat.roots) {
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
                 const std::vector<OasstNode*>& roots) {
    ConversationDraft conversation;
    conversation.source = source;
    conversation.source_id = id;
    conversation.title = title_from(roots.front()->message.content);
    conversation.metadata = std::move(metadata);
    conversation.created_at = roots.front()->message.created_at;
    const std::string leaf = best_leaf(*roots.front()).message.source_id;
    sink_.begin(std::move(conversation));
    std::optional<Timestamp> latest;
    for (OasstNode* root : roots) hand_over_tree(*root, latest);
    sink_.end({.current_leaf = leaf, .title = std::nullopt, .updated_at = latest});
  }

  // Each message before its replies, in the order of the source.
  void hand_over_tree(OasstNode& root, std::optional<Timestamp>& latest) {
    struct Step {
      OasstNode* node;
      std::optional<std::string> parent;
    };
    std::vector<Step> open{{&root, std::nullopt}};
    while (!open.empty()) {
      auto [node, parent] = std::move(open.back());
      open.pop_back();
      for (OasstNode* reply : node->replies | std::views::reverse) {
        open.push_back({reply, node->message.source_id});
      }
      if (node->parent && node->parent != parent) keep_lost_parent(*node);
      node->message.parent = std::move(parent);
      latest = std::max(latest, node->message.created_at);
      sink_.message(std::move(node->message));
    }
  }

  static void keep_lost_parent(OasstNode& node) {
    std::string name;
    append_json_string(name, *node.parent);
    node.message.metadata = with_member(std::move(node.message.metadata), "parent_id", name);
  }

  Sink& sink_;
  OasstFlat flat_;
  OasstFlat seed_;
};

}  // namespace

std::unique_ptr<FormatReader> make_oasst_reader(Sink& sink, const ReaderLimits& limits) {
  return std::make_unique<OasstReader>(sink, limits);
}

}  // namespace loci::transcript
