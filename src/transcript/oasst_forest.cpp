#include "transcript/oasst_forest.hpp"

#include "transcript/draft_building.hpp"

#include <algorithm>
#include <utility>

namespace loci::transcript {
namespace {

std::size_t size_of(const OasstNode& node) {
  return sizeof node + held_size(node.message) + node.tree.size() + node.place.file.size() +
         node.place.where.size();
}

Uuid key(const std::string& tree) {
  return Uuid::derived({}, tree);
}

}  // namespace

OasstNode* OasstForest::add(OasstNode node) {
  const auto [known, is_new] = by_id_.try_emplace(node.message.source_id, nullptr);
  if (!is_new) return nullptr;
  nodes.push_back(std::move(node));
  return known->second = &nodes.back();
}

void OasstForest::link() {
  for (OasstNode& node : nodes) {
    const auto parent = node.parent ? by_id_.find(*node.parent) : by_id_.end();
    if (parent == by_id_.end()) {
      roots.push_back(&node);
    } else {
      parent->second->replies.push_back(&node);
    }
  }
  for (const OasstNode* root : roots) reach(*root);
  for (OasstNode& node : nodes) {
    if (reached_.contains(&node)) continue;
    std::erase(by_id_.at(*node.parent)->replies, &node);
    roots.push_back(&node);
    reach(node);
  }
}

void OasstForest::reach(const OasstNode& root) {
  std::vector<const OasstNode*> open{&root};
  while (!open.empty()) {
    const OasstNode* node = open.back();
    open.pop_back();
    reached_.insert(node);
    open.insert(open.end(), node->replies.begin(), node->replies.end());
  }
}

OasstFlat::Taken OasstFlat::add(OasstNode node) {
  if (let_go_.contains(node.tree)) return Taken::let_go;
  if (!node.tree.empty() && taken_out_.contains(key(node.tree))) return Taken::late;
  const std::size_t size = size_of(node);
  const std::string tree = node.tree;
  if (held_.add(std::move(node)) == nullptr) return Taken::repeated;
  bytes_ += size;
  bytes_of_[tree] += size;
  last_tree_ = tree;
  if (held_of(tree) <= most_bytes_) return Taken::yes;
  let_go(tree);
  return Taken::too_large;
}

bool OasstFlat::is_full() const {
  const std::size_t staying =
      held_of({}) + (last_tree_.empty() ? std::size_t{0} : held_of(last_tree_));
  return bytes_ - staying > most_trees_;
}

OasstForest OasstFlat::take_whole_trees() {
  OasstForest whole;
  OasstForest rest;
  for (OasstNode& node : held_.nodes) {
    const bool stays = node.tree.empty() || node.tree == last_tree_;
    if (!stays) taken_out_.insert(key(node.tree));
    (void)(stays ? rest : whole).add(std::move(node));
  }
  held_ = std::move(rest);
  std::erase_if(bytes_of_, [&](const auto& entry) {
    const bool stays = entry.first.empty() || entry.first == last_tree_;
    if (!stays) bytes_ -= entry.second;
    return !stays;
  });
  whole.link();
  return whole;
}

OasstForest OasstFlat::take_all() {
  bytes_ = 0;
  bytes_of_.clear();
  OasstForest all = std::exchange(held_, {});
  all.link();
  return all;
}

std::size_t OasstFlat::held_of(const std::string& tree) const {
  const auto found = bytes_of_.find(tree);
  return found == bytes_of_.end() ? 0 : found->second;
}

void OasstFlat::let_go(const std::string& tree) {
  OasstForest rest;
  for (OasstNode& node : held_.nodes) {
    if (node.tree != tree) (void)rest.add(std::move(node));
  }
  held_ = std::move(rest);
  bytes_ -= held_of(tree);
  bytes_of_.erase(tree);
  let_go_.insert(tree);
}

}  // namespace loci::transcript
