// Any bytes: parsed or refused, and what was parsed keeps its text.
#include <loci/base/error.hpp>
#include <loci/base/json.hpp>

#include <cstdint>
#include <string>

namespace {

void walk(const loci::Json& value) {
  (void)value.string();
  (void)value.number();
  (void)value.integer();
  (void)value.boolean();
  for (const loci::Json child : value) {
    (void)child.key();
    walk(child);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto parsed =
        loci::JsonDocument::parse(std::string(reinterpret_cast<const char*>(data), size));
    walk(parsed.root());
    // What it keeps is JSON again, and so is what a column takes.
    const std::string raw(parsed.root().raw());
    if (loci::JsonDocument::parse(raw).root().raw() != raw) __builtin_trap();
    (void)loci::JsonDocument::parse(loci::to_storable_json(raw));
  } catch (const loci::Error& error) {
    if (error.kind() != loci::ErrorKind::invalid_input) __builtin_trap();
  }
  return 0;
}
