#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sqlgen/soundness/text_session.hpp"

namespace loci::sqlgen {

/// Values of any type, as text that the type accepts: ordinary ones, and those that make strict
/// functions give NULL after all (empty arrays, JSON null, '').
class SampleValues {
public:
  explicit SampleValues(TextSession& session) : session_(session) {}

  /// A few dozen; none when no text is known that the type accepts. `type` as format_type() prints.
  [[nodiscard]] const std::vector<std::string>& of(const std::string& type);

  /// Those of `texts` that the type accepts.
  [[nodiscard]] std::vector<std::string> accepted(const std::vector<std::string>& texts,
                                                  const std::string& type);

private:
  std::vector<std::string> make(const std::string& type);

  TextSession& session_;
  std::map<std::string, std::vector<std::string>> known_;
};

/// The strings and numbers that stand in SQL, and the whole numbers beside them: values that its
/// conditions are about.
[[nodiscard]] std::vector<std::string> literals_of(std::string_view sql);

/// The same, as an array's text. A missing element is NULL.
[[nodiscard]] std::string array_text(const std::vector<TextField>& elements);

}  // namespace loci::sqlgen
