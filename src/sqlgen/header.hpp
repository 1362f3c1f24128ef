#pragma once
#include "sqlgen/cpp_type.hpp"

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace loci::sqlgen {

inline constexpr std::size_t max_line = 100;

/// One header being written: its lines, and what they need to be included.
class Header {
public:
  /// `file` is its own name, which it never includes.
  explicit Header(std::string file) : file_(std::move(file)) {}

  void line(const std::string& text = {}) { body_ += text + '\n'; }
  /// `first second`, on two lines when one would be too long; the second is then indented by four
  /// more than the first.
  void line_of_two(const std::string& first, const std::string& second);
  /// Comment lines as they were, but for those that would pass the line's end.
  void doc(std::span<const std::string> lines, const std::string& indent = {});
  /// An empty line between what was written and what comes.
  void gap() {
    if (!body_.empty()) line();
  }

  void needs(const std::string& header) { headers_.insert(header); }
  /// Of a member of that type.
  void needs(const CppType& type) { headers_.insert(type.headers.begin(), type.headers.end()); }
  /// Of code that sends or reads it.
  void needs_codec(const CppType& type) {
    needs(type);
    headers_.insert(type.codecs.begin(), type.codecs.end());
  }

  [[nodiscard]] std::string finish(const std::string& made_from,
                                   const std::string& name_space) const;

private:
  std::string file_;
  std::string body_;
  std::set<std::string> headers_;
};

/// The text as a literal of C++.
[[nodiscard]] std::string cpp_literal(std::string_view text);

}  // namespace loci::sqlgen
