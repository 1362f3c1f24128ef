#include <loci/transcript/import.hpp>

#include "transcript/file_sink.hpp"
#include "transcript/history_file.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <system_error>
#include <vector>

namespace loci::transcript {
namespace {

namespace fs = std::filesystem;

bool is_standard_input(const fs::path& path) {
  return path == "-";
}

// The files of a folder that are read, in sorted order.
std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code failed;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied,
                                         failed);
  for (; !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    std::error_code unreadable;
    if (entry->is_regular_file(unreadable) && is_history_name(entry->path())) {
      found.push_back(entry->path());
    }
  }
  if (failed)
    throw Error(ErrorKind::io, "cannot read folder " + folder.string() + ": " + failed.message());
  std::ranges::sort(found);
  return found;
}

void read_standard_input(Format forced, Sink& sink) {
  const std::string name = "standard input";
  FileSink file_sink(sink, name, std::nullopt);
  const auto stream =
      counted(open_standard_input(), [&](std::uint64_t bytes) { file_sink.progress(bytes); });
  read_records(*stream, name, forced, Asked::by_name, file_sink);
  file_sink.finish({});
}

}  // namespace

void read_history(const fs::path& path, const ReadOptions& options, Sink& sink) {
  if (is_standard_input(path)) return read_standard_input(options.format, sink);
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (!fs::exists(status)) {
    throw Error(ErrorKind::io, "no such file or folder: " + path.string());
  }
  if (!fs::is_directory(status)) return read_file(path, options.format, Asked::by_name, sink);

  const std::vector<fs::path> files = files_of(path);
  for (const fs::path& file : files) read_file(file, options.format, Asked::found, sink);
  if (files.empty()) {
    sink.skip(
        {Skip::Severity::fault, path.string(), {}, "no .json, .jsonl, .zip or .raw.txt in it"});
  }
}

std::uint64_t input_size(std::span<const fs::path> paths) {
  std::uint64_t size = 0;
  const auto add = [&](const fs::path& file) {
    std::error_code failed;
    const std::uintmax_t bytes = fs::file_size(file, failed);
    if (!failed) size += bytes;
  };
  for (const fs::path& path : paths) {
    std::error_code failed;
    if (is_standard_input(path) || !fs::exists(path, failed)) continue;
    if (fs::is_directory(path, failed)) {
      std::ranges::for_each(files_of(path), add);
    } else {
      add(path);
    }
  }
  return size;
}

}  // namespace loci::transcript
