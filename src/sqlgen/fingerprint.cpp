#include "sqlgen/fingerprint.hpp"

#include "sqlgen/output_folder.hpp"

#include <loci/pg/embedded_server.hpp>

#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdlib>
#include <format>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>

namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;

class Hash {
public:
  Hash() : state_(XXH3_createState(), &XXH3_freeState) { XXH3_128bits_reset(state_.get()); }

  /// With its length, so that "ab", "c" is not "a", "bc".
  void add(std::string_view text) {
    const std::uint64_t size = text.size();
    XXH3_128bits_update(state_.get(), &size, sizeof size);
    XXH3_128bits_update(state_.get(), text.data(), text.size());
  }
  void add(std::span<const SourceFile> files) {
    add(std::to_string(files.size()));
    for (const SourceFile& file : files) {
      add(file.name);
      add(file.text);
    }
  }
  [[nodiscard]] std::string text() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    return std::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

private:
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

/// Size and time of a file tell one build of PostgreSQL or of an extension from another.
void add_file_facts(Hash& hash, const fs::path& path) {
  std::error_code failure;
  hash.add(path.string());
  hash.add(std::to_string(fs::file_size(path, failure)));
  hash.add(std::to_string(fs::last_write_time(path, failure).time_since_epoch().count()));
}

void add_postgres(Hash& hash) {
  const fs::path programs = pg::EmbeddedServer::find_bin_dir();
  add_file_facts(hash, programs / "postgres");
  std::vector<fs::path> libraries;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(programs.parent_path() / "lib", failure)) {
    libraries.push_back(entry.path());
  }
  std::ranges::sort(libraries);
  for (const fs::path& library : libraries) add_file_facts(hash, library);
}

fs::path cache_file(const fs::path& out) {
  const char* const named = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  fs::path folder = named != nullptr ? named : "";
  if (!folder.is_absolute()) folder = fs::path(home != nullptr ? home : "") / ".cache";
  if (!folder.is_absolute()) return {};
  Hash name;
  name.add(fs::weakly_canonical(out).string());
  return folder / "loci-sqlgen" / name.text();
}

}  // namespace

std::string fingerprint(const QuerySet& set, const SetSources& sources, bool every_header) {
  Hash hash;
  hash.add(content_of("/proc/self/exe").value_or(""));
  add_postgres(hash);
  hash.add(set.settings);
  hash.add(every_header ? "every header" : "");
  hash.add(sources.schema);
  hash.add(sources.queries);
  for (const fs::path& path : generated_files(set.out)) {
    hash.add(path.filename().string());
    hash.add(content_of(path).value_or(""));
  }
  return hash.text();
}

bool is_remembered(const fs::path& out, const std::string& fingerprint) {
  return content_of(cache_file(out)).value_or("") == fingerprint;
}

void remember(const fs::path& out, const std::string& fingerprint) {
  const fs::path file = cache_file(out);
  if (file.empty()) return;
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  // Written aside and renamed: another run never reads half of it.
  const fs::path aside = file.string() + "." + std::to_string(::getpid());
  std::ofstream(aside, std::ios::binary) << fingerprint;
  fs::rename(aside, file, ignored);
}

}  // namespace loci::sqlgen
