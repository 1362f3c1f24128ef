// Any bytes as a settings file: read or refused, and every entry and fault has its place.
#include <algorithm>
#include <cstdint>
#include <string>

#include "config/yaml_entries.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto lines = std::ranges::count(text, '\n') + std::ranges::count(text, '\r') + 2;
  const loci::config::YamlEntries read = loci::config::read_yaml_entries(text);
  if (read.faults.size() > 100) __builtin_trap();
  for (const auto& fault : read.faults) {
    if (fault.text.empty() || fault.place.line < 0 || fault.place.line > lines) __builtin_trap();
  }
  for (const auto& entry : read.entries) {
    if (entry.path.empty() || entry.key.line < 1) __builtin_trap();
  }
  return 0;
}
