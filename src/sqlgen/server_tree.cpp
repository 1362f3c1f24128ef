#include "sqlgen/server_tree.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace loci::sqlgen {
namespace {

const TreeValue& nothing() {
  static const TreeValue value;
  return value;
}

bool is_bracket(std::string_view token) {
  return token == "(" || token == ")" || token == "{" || token == "}";
}

}  // namespace

/// `{LABEL :field value ...}`, `(value ...)`, words. What stands behind a field's value and is no
/// field itself (the bytes of a constant) belongs to no value but to the node's text.
class TreeReader {
public:
  explicit TreeReader(std::string_view text) : text_(text) {}

  std::optional<TreeValue> run() {
    advance();
    TreeValue value = read(0);
    return failed_ || !token_.empty() ? std::nullopt : std::optional(std::move(value));
  }

private:
  TreeValue read(int depth) {
    TreeValue value;
    const std::size_t begin = static_cast<std::size_t>(token_.data() - text_.data());
    if (token_.empty() || depth > ServerTree::max_depth) {
      failed_ = true;
      return value;
    }
    if (token_ == "(") {
      advance();
      read_list(value, depth);
    } else if (token_ == "{") {
      advance();
      value.label_ = token_;
      advance();
      read_fields(value, depth);
    } else {
      value.text_ = token_;
      failed_ = failed_ || is_bracket(token_);
      advance();
      return value;
    }
    value.text_ = text_.substr(begin, at_after_closing_ - begin);
    return value;
  }

  void read_list(TreeValue& list, int depth) {
    // Lists of numbers begin with a letter that tells their type; words in lists are quoted.
    if (token_ == "i" || token_ == "o" || token_ == "x" || token_ == "b") advance();
    while (!failed_ && token_ != ")") list.items_.push_back(read(depth + 1));
    close();
  }

  void read_fields(TreeValue& node, int depth) {
    while (!failed_ && token_ != "}") {
      if (token_.starts_with(':')) {
        node.names_.push_back(token_.substr(1));
        advance();
        node.items_.push_back(read(depth + 1));
      } else {
        failed_ = token_.empty() || is_bracket(token_);
        advance();
      }
    }
    close();
  }

  void close() {
    at_after_closing_ = at_;
    advance();
  }

  /// Steps to the next token; an empty one at the end.
  void advance() {
    const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    const std::size_t begin = at_;
    if (at_ < text_.size() && is_bracket(text_.substr(at_, 1))) {
      ++at_;
    } else {
      while (at_ < text_.size() && !is_space(text_[at_]) && !is_bracket(text_.substr(at_, 1))) {
        at_ += text_[at_] == '\\' && at_ + 1 < text_.size() ? 2U : 1U;
      }
    }
    token_ = text_.substr(begin, at_ - begin);
  }

  std::string_view text_;
  std::string_view token_;
  std::size_t at_ = 0;
  std::size_t at_after_closing_ = 0;
  bool failed_ = false;
};

const TreeValue& TreeValue::operator[](std::string_view name) const noexcept {
  const auto found = std::ranges::find(names_, name);
  return found == names_.end() ? nothing()
                               : items_[static_cast<std::size_t>(found - names_.begin())];
}

const TreeValue& TreeValue::item(std::size_t index) const noexcept {
  return index < items_.size() ? items_[index] : nothing();
}

bool TreeValue::empty() const noexcept {
  return items_.empty() && label_.empty() &&
         (text_.empty() || text_ == "<>" || text_.starts_with('('));
}

std::int64_t TreeValue::number() const noexcept {
  std::int64_t value = 0;
  std::from_chars(text_.data(), text_.data() + text_.size(), value);
  return value;
}

std::optional<ServerTree> ServerTree::read(std::string text) {
  ServerTree tree;
  tree.text_.assign(text.begin(), text.end());
  auto root = TreeReader({tree.text_.data(), tree.text_.size()}).run();
  if (!root) return std::nullopt;
  tree.root_.push_back(std::move(*root));
  // The body of a function is a list in a list, a view's rule a list.
  tree.query_ = tree.root_.data();
  while (tree.query_->label().empty() && !tree.query_->empty()) tree.query_ = &tree.query_->item(0);
  if (!tree.query_->is("QUERY")) return std::nullopt;
  return tree;
}

}  // namespace loci::sqlgen
