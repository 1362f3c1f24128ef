#pragma once
#include <string>

namespace loci {

/// JSON kept as its text, verbatim. What json and jsonb columns travel as; not checked here.
struct JsonText {
  std::string text;
  bool operator==(const JsonText&) const = default;
};

}  // namespace loci
