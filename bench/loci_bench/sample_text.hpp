#pragma once
#include <string>

/// What the contract has inserts write; every program of the comparison writes the same.
namespace loci::bench {

constexpr const char* k_sample_metadata = R"({"tokens": 123, "model": "assistant-1"})";

/// 300 bytes.
[[nodiscard]] inline std::string sample_content() {
  std::string text;
  while (text.size() < 300) text += "The quick brown fox jumps over the lazy dog. ";
  text.resize(300);
  return text;
}

}  // namespace loci::bench
