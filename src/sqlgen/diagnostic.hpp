#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace loci::sqlgen {

/// A file of SQL as it was read: `\r\n` made `\n`, a byte order mark cut off.
struct SourceFile {
  std::string name;  ///< Without its folder: `conversations.sql`.
  std::string path;  ///< As errors print it.
  std::string text;
};

/// One thing wrong with the user's SQL, and where.
struct Diagnostic {
  std::string file;
  int line = 0;    ///< From 1; 0 when the place is not known.
  int column = 0;  ///< From 1, in characters.
  std::string message;
  std::string sqlstate;  ///< Empty when it was not the server who complained.
};

/// `file:line:column: message (SQLSTATE)`.
[[nodiscard]] std::string to_line(const Diagnostic& diagnostic);

/// Gathers all that is wrong, so that one run shows everything.
class Diagnostics {
public:
  void add(Diagnostic diagnostic) { all_.push_back(std::move(diagnostic)); }
  void add(const SourceFile& source, std::size_t offset, std::string message,
           std::string_view sqlstate = {});

  [[nodiscard]] const std::vector<Diagnostic>& all() const noexcept { return all_; }
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

private:
  std::vector<Diagnostic> all_;
};

}  // namespace loci::sqlgen
