#include "storage/unit.hpp"

#include <loci/base/error.hpp>
#include <loci/base/text.hpp>

namespace loci::storage {

void require_storable(std::string_view text, std::string_view what) {
  if (is_storable(text)) return;
  throw Error(ErrorKind::invalid_argument,
              std::string(what) + " holds a NUL or is not valid UTF-8: pass it through to_storable()");
}

void require_object(const JsonText& json, std::string_view what) {
  try {
    const JsonDocument document = JsonDocument::parse(json.text);
    if (!document.root().is_object()) {
      throw Error(ErrorKind::invalid_argument, std::string(what) + " must be a JSON object");
    }
  } catch (const Error& error) {
    throw Error(ErrorKind::invalid_argument, std::string(what) + ": " + error.what());
  }
  if (to_storable_json(json.text) != json.text) {
    throw Error(ErrorKind::invalid_argument,
                std::string(what) + " holds \\u0000 or a lone surrogate: pass it through to_storable_json()");
  }
}

}  // namespace loci::storage
