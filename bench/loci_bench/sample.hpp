#pragma once
#include "queries.hpp"
#include "random.hpp"
#include "sample_text.hpp"

namespace loci::bench {

[[nodiscard]] inline NewMessage sample_message(Random& random, const Uuid& conversation) {
  static const std::string content = sample_content();
  return {.id = random.uuid(),
          .conversation_id = conversation,
          .role = "user",
          .content = content,
          .metadata = {k_sample_metadata}};
}

}  // namespace loci::bench
