#include "sqlgen/output_folder.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

std::vector<fs::path> left_over(const fs::path& folder, const std::vector<EmittedFile>& files) {
  std::vector<fs::path> paths;
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failure)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".hpp" ||
        std::ranges::contains(files, name, &EmittedFile::name)) {
      continue;
    }
    if (content_of(entry.path()).value_or("").starts_with(generated_mark)) {
      paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  return paths;
}

void check(const std::error_code& failure, const fs::path& path) {
  if (failure) throw Error(ErrorKind::io, path.string() + ": " + failure.message());
}

}  // namespace

std::vector<std::string> differences(const fs::path& folder,
                                     const std::vector<EmittedFile>& files) {
  std::vector<std::string> lines;
  for (const EmittedFile& file : files) {
    const fs::path path = folder / file.name;
    const std::optional<std::string> content = content_of(path);
    if (content == file.text) continue;
    lines.push_back(path.string() + (content ? " differs" : " is missing"));
  }
  for (const fs::path& path : left_over(folder, files)) {
    lines.push_back(path.string() + " is left over");
  }
  return lines;
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
