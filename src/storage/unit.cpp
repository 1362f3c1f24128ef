#include "storage/unit.hpp"

#include <loci/base/error.hpp>
#include <loci/base/text.hpp>

namespace loci::storage {

namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view why) {
  throw Error(ErrorKind::invalid_argument, std::string(what) + " " + std::string(why));
}

JsonDocument parse(const JsonText& json, std::string_view what) {
  require_storable(json.text, what);
  try {
    return JsonDocument::parse(json.text);
  } catch (const Error& error) {
    refuse(what, std::string("is ") + error.what());
  }
}

}  // namespace

void require_storable(std::optional<std::string_view> text, std::string_view what) {
  if (text && !is_storable(*text)) {
    refuse(what, "holds a NUL or is not valid UTF-8: pass it through to_storable()");
  }
}

void require_json(const JsonText& json, std::string_view what) {
  (void)parse(json, what);
}

void require_object(const JsonText& json, std::string_view what) {
  if (!parse(json, what).root().is_object()) refuse(what, "must be a JSON object");
  if (to_storable_json(json.text) != json.text) {
    refuse(what, "holds \\u0000 or a lone surrogate: pass it through to_storable_json()");
  }
}

}  // namespace loci::storage
