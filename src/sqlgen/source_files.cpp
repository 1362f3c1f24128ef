#include "sqlgen/source_files.hpp"

#include <loci/base/error.hpp>
#include <loci/base/text.hpp>

#include <glob.h>

#include <algorithm>
#include <compare>
#include <fstream>
#include <iterator>

namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;

bool is_version_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes the run of digits that `text` begins with, without its leading zeros.
std::string_view take_number(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_version_digit);
  std::string_view digits(text.begin(), end);
  text.remove_prefix(digits.size());
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

bool undoes(const fs::path& file) {
  return file.string().ends_with(".down.sql");
}

std::vector<fs::path> sql_files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failure)) {
    if (is_sql_file(entry.path())) files.push_back(entry.path());
  }
  if (failure) throw Error(ErrorKind::io, folder.string() + ": " + failure.message());
  std::ranges::sort(files, [](const fs::path& a, const fs::path& b) {
    return naturally_before(a.filename().string(), b.filename().string());
  });
  return files;
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) throw Error(ErrorKind::io, "cannot read " + path.string());
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  std::string lines;
  lines.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') lines += text[i];
  }
  return lines;
}

std::size_t first_unstorable(std::string_view text) {
  const std::string storable = to_storable(text);
  return static_cast<std::size_t>(std::ranges::mismatch(text, storable).in1 - text.begin());
}

}  // namespace

bool naturally_before(std::string_view a, std::string_view b) noexcept {
  const std::string_view whole_a = a;
  const std::string_view whole_b = b;
  while (!a.empty() && !b.empty()) {
    std::strong_ordering order = std::strong_ordering::equal;
    if (is_version_digit(a.front()) && is_version_digit(b.front())) {
      const std::string_view number_a = take_number(a);
      const std::string_view number_b = take_number(b);
      order = number_a.size() <=> number_b.size();
      if (order == 0) order = number_a <=> number_b;
    } else {
      order = a.front() <=> b.front();
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
    if (order != 0) return order < 0;
  }
  return a.empty() == b.empty() ? whole_a < whole_b : a.empty();
}

bool is_sql_file(const fs::path& path) {
  return path.extension() == ".sql" && !path.filename().string().starts_with('.') && !undoes(path);
}

bool is_pattern(const fs::path& path) {
  std::error_code ignored;
  return path.string().find_first_of("*?[") != std::string::npos && !fs::exists(path, ignored);
}

std::vector<fs::path> matches_of(const fs::path& path) {
  if (!is_pattern(path)) return {path};
  glob_t found{};
  const int status = ::glob(path.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<fs::path> matches;
  for (std::size_t i = 0; status == 0 && i < found.gl_pathc; ++i) {
    matches.emplace_back(found.gl_pathv[i]);
  }
  ::globfree(&found);
  std::ranges::sort(matches, [](const fs::path& a, const fs::path& b) {
    return naturally_before(a.string(), b.string());
  });
  return matches;
}

std::vector<fs::path> list_sql_files(const fs::path& path) {
  std::vector<fs::path> files;
  for (const fs::path& match : matches_of(path)) {
    std::error_code failure;
    if (!fs::is_regular_file(match, failure)) {
      std::ranges::move(sql_files_in(match), std::back_inserter(files));
    } else if (match == path ? !undoes(match) : is_sql_file(match)) {
      files.push_back(match);
    }
  }
  return files;
}

std::vector<SourceFile> read_sources(const fs::path& path, Diagnostics& diagnostics) {
  std::vector<SourceFile> sources;
  for (const fs::path& file : list_sql_files(path)) {
    SourceFile source{file.filename().string(), file.string(), read_text(file)};
    if (!is_storable(source.text)) {
      diagnostics.add(source, first_unstorable(source.text), "a byte here is no UTF-8 text");
      continue;
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace loci::sqlgen
