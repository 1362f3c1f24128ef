#pragma once
#include <loci/embed/hashing_embedder.hpp>
#include <loci/pg/types.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// Real vectors to search in; where their files are not, an error says so.
namespace loci::bench {

/// Vectors to store, and some of the same kind to look for, which are not stored.
struct VectorData {
  std::vector<Vector> stored;
  std::vector<Vector> queries;
};

/// A file of little-endian floats, one vector after the other.
[[nodiscard]] inline std::vector<Vector> read_vectors(const std::filesystem::path& file,
                                                      std::size_t dimensions) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("no vectors in " + file.string());
  std::vector<Vector> all;
  std::vector<float> values(dimensions);
  const auto bytes = static_cast<std::streamsize>(dimensions * sizeof(float));
  while (in.read(reinterpret_cast<char*>(values.data()), bytes)) all.push_back(Vector{values});
  return all;
}

/// Windows of 40 words, each 20 after the one before, of every text file of the folder, embedded.
[[nodiscard]] inline std::vector<Vector> embedded_windows(const std::filesystem::path& folder,
                                                          std::size_t count) {
  constexpr std::size_t k_words = 40;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().ends_with(".raw.txt")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<std::string> windows;
  for (const auto& file : files) {
    std::ifstream in(file);
    std::vector<std::string> words;
    for (std::string word; in >> word && windows.size() < count;) {
      if (word.starts_with('[')) continue;  // the time of a line
      words.push_back(std::move(word));
      if (words.size() < k_words) continue;
      std::string text;
      for (const std::string& each : words) text += each + ' ';
      windows.push_back(std::move(text));
      words.erase(words.begin(), words.begin() + k_words / 4);
    }
  }
  embed::HashingEmbedder embedder({.dimensions = 384});
  std::vector<Vector> all;
  for (auto& values : embedder.embed(windows)) all.push_back(Vector{std::move(values)});
  return all;
}

/// `glove100`, `fiori` or `windows`, below the folder of data; `held_out` of them, by chance but
/// the same each time, are queries.
[[nodiscard]] inline VectorData load_vectors(const std::filesystem::path& data,
                                             const std::string& name, std::size_t held_out) {
  std::vector<Vector> all;
  if (name == "glove100") all = read_vectors(data / "glove100/vectors.f32", 100);
  if (name == "fiori") all = read_vectors(data / "fiori_minilm384/embeddings.bin", 384);
  if (name == "windows") all = embedded_windows(data / "irc", 100'000);
  std::erase_if(all, [](const Vector& each) {
    return std::ranges::all_of(each.values, [](float value) { return value == 0.0F; });
  });
  if (all.size() <= held_out) throw std::runtime_error("no data set of vectors is called " + name);
  std::shuffle(all.begin(), all.end(), std::mt19937(17));
  const auto split = all.begin() + static_cast<std::ptrdiff_t>(held_out);
  return {.stored = {split, all.end()}, .queries = {all.begin(), split}};
}

}  // namespace loci::bench
