#pragma once
#include <loci/transcript/drafts.hpp>

#include "transcript/format_reader.hpp"

#include <cstddef>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

/// Messages of OpenAssistant and the trees they make.
namespace loci::transcript {

struct OasstNode {
  static constexpr double unranked = std::numeric_limits<double>::infinity();

  MessageDraft message;
  std::optional<std::string> parent;
  std::string tree;  ///< As the record names it; empty when it does not.
  double rank = unranked;
  Place place;
  std::vector<OasstNode*> replies;
};

/// The messages of one file or tree; they stay where the links point. Move only.
class OasstForest {
public:
  OasstForest() = default;
  OasstForest(OasstForest&&) = default;
  OasstForest& operator=(OasstForest&&) = default;

  /// Null when there was one of that id.
  OasstNode* add(OasstNode node);

  /// Links every message to the parent it names. Those without become roots, and of each circle the
  /// message that comes first.
  void link();

  std::deque<OasstNode> nodes;
  std::vector<OasstNode*> roots;

private:
  void reach(const OasstNode& root);

  std::unordered_map<std::string, OasstNode*> by_id_;
  std::unordered_set<const OasstNode*> reached_;
};

/// Flat messages, held until their trees are known to be whole: at the end of the file, or, once
/// other trees than the last one hold `most_trees` bytes, when a message of another tree has come
/// behind them. So a file of any size is read whose trees stand one after the other.
class OasstFlat {
public:
  enum class Taken : std::uint8_t {
    yes,
    repeated,   ///< There was one of that id.
    late,       ///< Its tree was taken out already.
    too_large,  ///< Its tree, or what names no tree, is larger than `most_bytes`: it is let go.
    let_go,     ///< The same, told before.
  };

  OasstFlat(std::size_t most_bytes, std::size_t most_trees)
      : most_bytes_(most_bytes), most_trees_(most_trees) {}

  [[nodiscard]] Taken add(OasstNode node);

  /// True when some of it must be taken out now.
  [[nodiscard]] bool is_full() const;
  /// The trees that are held but the last one, linked; messages that name no tree stay.
  [[nodiscard]] OasstForest take_whole_trees();
  /// All that is held, linked.
  [[nodiscard]] OasstForest take_all();

private:
  [[nodiscard]] std::size_t held_of(const std::string& tree) const;
  void let_go(const std::string& tree);

  std::size_t most_bytes_;
  std::size_t most_trees_;
  OasstForest held_;
  std::string last_tree_;
  std::size_t bytes_ = 0;
  std::unordered_map<std::string, std::size_t> bytes_of_;  // by tree
  std::unordered_set<Uuid> taken_out_;                     // trees, by the hash of their names
  std::unordered_set<std::string> let_go_;
};

}  // namespace loci::transcript
