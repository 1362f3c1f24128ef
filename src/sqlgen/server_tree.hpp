#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A statement as the server understood it: PostgreSQL's `pg_node_tree`, in which every name is
/// resolved to a table, column, function or operator, and every column says which outer joins may
/// make it NULL. Its nodes and fields are those of PostgreSQL's primnodes.h and parsenodes.h.
namespace loci::sqlgen {

/// Something in such a tree: nothing (`<>`), a word, a list, or a node with named fields.
///
/// Asking a value for what it is not gives nothing, never an error; so trees of another version of
/// PostgreSQL are read without checks at each step.
class TreeValue {
public:
  [[nodiscard]] bool is(std::string_view label) const noexcept { return label_ == label; }
  [[nodiscard]] std::string_view label() const noexcept { return label_; }  ///< Of a node.

  /// The field of that name; nothing if there is none.
  [[nodiscard]] const TreeValue& operator[](std::string_view name) const noexcept;
  /// A list's elements, or the values of a node's fields.
  [[nodiscard]] std::span<const TreeValue> items() const noexcept { return items_; }
  [[nodiscard]] const TreeValue& item(std::size_t index) const noexcept;

  /// Nothing, or a list without elements.
  [[nodiscard]] bool empty() const noexcept;
  [[nodiscard]] std::int64_t number() const noexcept;  ///< 0 when it is no number.
  [[nodiscard]] bool flag() const noexcept { return text_ == "true"; }
  /// As it is written in the tree. Two expressions of one query level that are written alike are
  /// the same expression.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

private:
  friend class TreeReader;
  std::string_view text_;
  std::string_view label_;
  std::vector<std::string_view> names_;  // of the fields that stand in items_
  std::vector<TreeValue> items_;
};

/// A tree and the text it was read from.
class ServerTree {
public:
  ServerTree(ServerTree&&) noexcept = default;
  ServerTree& operator=(ServerTree&&) noexcept = default;

  static constexpr int max_depth = 1000;

  /// Nothing when `text` is no tree, or one nested deeper than max_depth.
  [[nodiscard]] static std::optional<ServerTree> read(std::string text);

  /// The first Query in it. Views live as long as the tree, and survive a move of it.
  [[nodiscard]] const TreeValue& query() const noexcept { return *query_; }

private:
  ServerTree() = default;
  std::vector<char> text_;
  std::vector<TreeValue> root_;
  const TreeValue* query_ = nullptr;
};

}  // namespace loci::sqlgen
