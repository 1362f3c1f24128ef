#pragma once
#include <loci/base/json.hpp>

#include <string>

#include "queries.hpp"
#include "random.hpp"

namespace loci::bench {

/// Rows to be written: text of 300 bytes, as the contract has it.
[[nodiscard]] inline std::string sample_content() {
  std::string text;
  while (text.size() < 300) text += "The quick brown fox jumps over the lazy dog. ";
  text.resize(300);
  return text;
}

[[nodiscard]] inline JsonText sample_metadata() {
  return {R"({"tokens": 123, "model": "assistant-1"})"};
}

[[nodiscard]] inline NewMessage sample_message(Random& random, const Uuid& conversation) {
  static const std::string content = sample_content();
  return {.id = random.uuid(),
          .conversation_id = conversation,
          .role = "user",
          .content = content,
          .metadata = sample_metadata()};
}

}  // namespace loci::bench
