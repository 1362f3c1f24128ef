#include "sqlgen/header.hpp"

#include "sqlgen/emitter.hpp"

#include <ranges>

namespace loci::sqlgen {

void Header::line_of_two(const std::string& first, const std::string& second) {
  if (first.size() + 1 + second.size() <= max_line) return line(first + " " + second);
  line(first);
  line(std::string(first.find_first_not_of(' ') + 4, ' ') + second);
}

void Header::doc(std::span<const std::string> lines, const std::string& indent) {
  const std::size_t room = max_line - indent.size() - 4;
  for (std::string text : lines) {
    // A backslash at the end would join the next line to the comment.
    while (text.ends_with('\\') || text.ends_with(' ')) text.pop_back();
    while (text.size() > room) {
      const std::size_t space = text.rfind(' ', room);
      if (space == std::string::npos || space == 0) break;
      line(indent + "/// " + text.substr(0, space));
      text.erase(0, space + 1);
    }
    line(indent + (text.empty() ? "///" : "/// " + text));
  }
}

std::string Header::finish(const std::string& made_from, const std::string& name_space) const {
  std::string text(generated_mark);
  text += " from " + made_from + ". Do not edit.\n#pragma once\n";
  // Files of the same folder, of Loci, of the rest: each group sorted.
  bool any = false;
  const auto group = [&](auto belongs) {
    std::string lines;
    for (const std::string& header : headers_ | std::views::filter(belongs)) {
      if (header != "\"" + file_ + "\"") lines += "#include " + header + '\n';
    }
    if (!lines.empty()) text += lines + '\n';
    any = any || !lines.empty();
  };
  const auto is_own = [](const std::string& header) { return header.starts_with('"'); };
  const auto is_loci = [](const std::string& header) { return header.starts_with("<loci/"); };
  group(is_own);
  group(is_loci);
  group([&](const std::string& header) { return !is_own(header) && !is_loci(header); });
  if (!any) text += '\n';
  return text + "namespace " + name_space + " {\n\n" + body_ + "\n}  // namespace " + name_space +
         "\n";
}

std::string cpp_literal(std::string_view text) {
  constexpr std::string_view digits = "01234567";
  std::string literal = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      literal += '\\';
      literal += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      // Three octal digits, so that what follows cannot join in.
      literal += {'\\', digits[byte >> 6], digits[byte >> 3 & 7], digits[byte & 7]};
    } else {
      literal += c;
    }
  }
  return literal + '"';
}

}  // namespace loci::sqlgen
