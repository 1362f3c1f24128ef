#pragma once
#include <loci/config/settings.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace loci::config {

/// One setting given on a command line.
struct Flag {
  std::string key;
  std::string value;
  std::string name = "--set";  ///< What the person wrote, for messages.
};

/// Where settings come from; what stands further down wins.
struct Sources {
  /// The settings file. Empty: the one LOCI_CONFIG names, else ./loci.yaml, else
  /// $XDG_CONFIG_HOME/loci/loci.yaml (~/.config/loci/loci.yaml), else none. One that nobody named
  /// must belong to this user or to root.
  std::string file = {};
  Environment environment = process_environment;
  std::vector<Flag> flags = {};
};

/// Where a value came from.
struct Origin {
  enum class Kind : std::uint8_t { default_value, file, variable, flag } kind = Kind::default_value;
  std::string name = {};  ///< Of the file, the variable or the flag.
  int line = 0;           ///< Of the file, from 1; the others have none.
  int column = 0;

  bool operator==(const Origin&) const = default;
};

/// `default`, `loci.yaml:12:5`, `MAX_CONNECTIONS` or `--set`.
[[nodiscard]] std::string to_string(const Origin& origin);

/// One setting as it is now.
struct SettingValue {
  std::string key;                   ///< `storage.postgres.max_connections`.
  std::optional<std::string> value;  ///< As a file would say it; missing: left to Loci.
  bool hidden = false;               ///< `value` does not say all: it holds a secret.
  bool acts = true;                  ///< False: it is read and checked, and nothing uses it yet.
  Origin origin;
};

/// Something wrong with a setting.
struct Fault {
  Origin place;
  std::string text;  ///< Never repeats a value.
};

/// `loci.yaml:12:5: storage.postgres.max_connections takes a whole number from 1 to 10000`.
[[nodiscard]] std::string to_string(const Fault& fault);

struct ReadSettings {
  Settings settings;  ///< What could be taken; for use only when there are no faults.
  std::vector<SettingValue> values;  ///< Every setting there is, as docs/operations.md orders them.
  std::vector<Fault> faults;  ///< The file's by line, then variables, then flags; 100 at most.
  std::string file;           ///< The one that was read; empty: none.
};

/// Reads everything and throws nothing: whatever is wrong is a fault.
[[nodiscard]] ReadSettings read_settings(const Sources& sources, Settings defaults = {});

/// Returns when there are no faults. Errors: configuration, with the first of them in one line.
void refuse_faults(const ReadSettings& read);

}  // namespace loci::config
