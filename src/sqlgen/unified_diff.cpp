#include "sqlgen/unified_diff.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace loci::sqlgen {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::size_t context = 3;
/// Above this many cells, a table of common lines would be too large to be worth it.
constexpr std::size_t most_cells = 16'000'000;

struct Edit {
  char mark;  ///< ' ', '-' or '+'.
  std::string_view line;
};

/// With their line ends, so that a missing last one shows.
Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

/// The shortest script between two runs of lines, by the longest common subsequence.
void append_edits(std::vector<Edit>& edits, const Lines& a, const Lines& b) {
  const std::size_t width = b.size() + 1;
  const bool small = (a.size() + 1) * width <= most_cells;
  std::vector<std::uint32_t> common(small ? (a.size() + 1) * width : 0);
  for (std::size_t i = a.size(); small && i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i * width + j] =
          a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                       : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (small && i < a.size() && j < b.size() && a[i] == b[j]) {
      edits.push_back({' ', a[i++]});
      ++j;
    } else if (i < a.size() && (j == b.size() || !small ||
                                common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      edits.push_back({'-', a[i++]});
    } else {
      edits.push_back({'+', b[j++]});
    }
  }
}

std::vector<Edit> edits_between(const Lines& a, const Lines& b) {
  const auto [a_head, b_head] = std::ranges::mismatch(a, b);
  const auto head = static_cast<std::size_t>(a_head - a.begin());
  std::size_t tail = 0;
  while (tail < std::min(a.size(), b.size()) - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
    ++tail;
  }
  std::vector<Edit> edits;
  for (std::size_t i = 0; i < head; ++i) edits.push_back({' ', a[i]});
  append_edits(edits, Lines(a_head, a.end() - static_cast<std::ptrdiff_t>(tail)),
               Lines(b_head, b.end() - static_cast<std::ptrdiff_t>(tail)));
  for (std::size_t i = a.size() - tail; i < a.size(); ++i) edits.push_back({' ', a[i]});
  return edits;
}

/// `12,3`: where a run of lines begins, and how many they are.
std::string range(std::size_t before, std::size_t count) {
  const std::size_t first = count == 0 ? before : before + 1;
  return std::to_string(first) + (count == 1 ? "" : "," + std::to_string(count));
}

}  // namespace

std::string unified_diff(std::string_view old_name, std::string_view old_text,
                         std::string_view new_name, std::string_view new_text) {
  if (old_text == new_text) return {};
  const std::vector<Edit> edits = edits_between(lines_of(old_text), lines_of(new_text));
  std::string out;
  out.append("--- ").append(old_name).append("\n+++ ").append(new_name).append("\n");
  std::size_t old_line = 0;  // lines before the edit at `at`
  std::size_t new_line = 0;
  for (std::size_t at = 0; at < edits.size();) {
    if (edits[at].mark == ' ') {
      const auto change =
          std::ranges::find_if(edits.begin() + static_cast<std::ptrdiff_t>(at), edits.end(),
                               [](const Edit& edit) { return edit.mark != ' '; });
      const auto next = static_cast<std::size_t>(change - edits.begin());
      if (next == edits.size()) break;
      const std::size_t skipped = next - at > context ? next - at - context : 0;
      old_line += skipped;
      new_line += skipped;
      at += skipped;
    }
    // The hunk goes on while changes are no more than two contexts apart.
    std::size_t end = at;
    for (std::size_t i = at, same = 0; i < edits.size() && same <= 2 * context; ++i) {
      same = edits[i].mark == ' ' ? same + 1 : 0;
      if (same == 0) end = i + 1;
    }
    end = std::min(end + context, edits.size());
    std::string hunk;
    std::size_t old_count = 0;
    std::size_t new_count = 0;
    for (; at < end; ++at) {
      if (edits[at].mark != '+') ++old_count;
      if (edits[at].mark != '-') ++new_count;
      hunk.append(1, edits[at].mark).append(edits[at].line);
      if (!edits[at].line.ends_with('\n')) hunk += "\n\\ No newline at end of file\n";
    }
    out += "@@ -" + range(old_line, old_count) + " +" + range(new_line, new_count) + " @@\n" + hunk;
    old_line += old_count;
    new_line += new_count;
  }
  return out;
}

}  // namespace loci::sqlgen
