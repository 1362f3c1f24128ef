#include "sqlgen/output_folder.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> left_over(const fs::path& folder, const std::vector<EmittedFile>& files) {
  std::vector<fs::path> paths = generated_files(folder);
  std::erase_if(paths, [&](const fs::path& path) {
    return std::ranges::contains(files, path.filename().string(), &EmittedFile::name);
  });
  return paths;
}

void check(const std::error_code& failure, const fs::path& path) {
  if (failure) throw Error(ErrorKind::io, path.string() + ": " + failure.message());
}

}  // namespace

std::optional<std::string> content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

std::string to_line(const Difference& difference) {
  const std::string path = difference.path.string();
  if (!difference.present) return path + " is missing";
  return path + (difference.wanted ? " differs" : " is left over");
}

std::vector<fs::path> generated_files(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".hpp" &&
        content_of(entry.path()).value_or("").starts_with(generated_mark)) {
      paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  return paths;
}

std::vector<Difference> differences(const fs::path& folder, const std::vector<EmittedFile>& files) {
  std::vector<Difference> found;
  for (const EmittedFile& file : files) {
    const fs::path path = folder / file.name;
    std::optional<std::string> content = content_of(path);
    if (content != file.text) found.push_back({path, std::move(content), file.text});
  }
  for (const fs::path& path : left_over(folder, files)) {
    found.push_back({path, content_of(path), std::nullopt});
  }
  return found;
}

void write(const fs::path& folder, const std::vector<EmittedFile>& files) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  check(failure, folder);
  for (const EmittedFile& file : files) {
    const fs::path path = folder / file.name;
    if (content_of(path) == file.text) continue;
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << file.text;
    out.close();
    if (!out) throw Error(ErrorKind::io, "cannot write " + path.string());
  }
  for (const fs::path& path : left_over(folder, files)) {
    fs::remove(path, failure);
    check(failure, path);
  }
}

}  // namespace loci::sqlgen
