#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace loci::test {

/// A ChatGPT export of conversations without branches: `c0` to `cN`, messages `c0-m0`, `c0-m1`, ...
struct ExportShape {
  int conversations = 10;
  int messages = 10;  ///< In each conversation.
  std::size_t content_bytes = 60;
};

/// Words of a small vocabulary, the same for the same seed.
[[nodiscard]] inline std::string generated_words(std::uint32_t seed, std::size_t bytes) {
  std::minstd_rand random(seed + 1);
  std::string text;
  while (text.size() < bytes) {
    text += (text.empty() ? "word" : " word") + std::to_string(random() % 5000);
  }
  return text;
}

[[nodiscard]] inline std::string generated_conversation(const ExportShape& shape, int number) {
  const std::string id = "c" + std::to_string(number);
  std::string mapping;
  for (int i = 0; i < shape.messages; ++i) {
    const std::string own = id + "-m" + std::to_string(i);
    const std::string parent = i == 0 ? "null" : '"' + id + "-m" + std::to_string(i - 1) + '"';
    const auto seed = static_cast<std::uint32_t>(number) * 1000003U + static_cast<std::uint32_t>(i);
    mapping += (i == 0 ? "\"" : ",\"") + own + R"(":{"id":")" + own + R"(","parent":)" + parent +
               R"(,"children":[],"message":{"id":")" + own + R"(","author":{"role":")" +
               (i % 2 == 0 ? "user" : "assistant") + R"("},"create_time":)" +
               std::to_string(1700000000 + number * 1000 + i) +
               R"(,"content":{"content_type":"text","parts":[")" +
               generated_words(seed, shape.content_bytes) + R"("]}}})";
  }
  return R"({"id":")" + id + R"(","title":"Conversation )" + std::to_string(number) +
         R"(","create_time":)" + std::to_string(1700000000 + number * 1000) +
         R"(,"current_node":")" + id + "-m" + std::to_string(shape.messages - 1) +
         R"(","mapping":{)" + mapping + "}}";
}

/// Writes the export, conversation by conversation, so it may be larger than memory.
inline void write_export(const std::filesystem::path& file, const ExportShape& shape) {
  std::ofstream out(file, std::ios::binary);
  for (int i = 0; i < shape.conversations; ++i) {
    out << (i == 0 ? "[" : ",\n") << generated_conversation(shape, i);
  }
  out << "]\n";
}

}  // namespace loci::test
