#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loci::config {

/// A place in a text, both from 1; 0: unknown.
struct Place {
  int line = 0;
  int column = 0;
};

/// One key of a YAML text.
struct YamlEntry {
  enum class Kind : std::uint8_t { null, scalar, list, map } kind = Kind::null;
  std::string path;  ///< With those of the maps it stands in: `storage.postgres.database_url`.
  std::vector<std::string> values;  ///< One of a scalar, the items of a list.
  Place key;
  Place value;
};

struct YamlFault {
  Place place;
  std::string text;  ///< Never repeats what stands there.
};

struct YamlEntries {
  std::vector<YamlEntry> entries;  ///< In order; a map before what is in it.
  std::vector<YamlFault> faults;
};

/// Reads one document: a map of maps, of single values and of lists of these. Everything else that
/// YAML has is a fault: anchors, aliases, tags, keys that are no plain words or come twice or have
/// a dot, more than 8 levels. Nothing is built of the text but the entries themselves, so nothing
/// in it can make more of itself. Ends at the 100th fault, and at the first that is no YAML.
[[nodiscard]] YamlEntries read_yaml_entries(const std::string& text);

}  // namespace loci::config
