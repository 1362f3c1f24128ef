#pragma once
#include <loci/storage/message.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace loci::storage {

/// One message of a branch, and whose calls it answers.
struct ContextMessage {
  Message message;
  std::vector<Uuid> caller_ids;  ///< The messages that made the calls whose results it carries.
};

/// Where the end of a branch (oldest message first) has to begin, so that no result stands in it
/// without its call: the first place that will do; its size, when there is none. A message of role
/// "tool" of which nothing more is known answers the nearest message before it of another role.
[[nodiscard]] std::size_t context_begin(std::span<const ContextMessage> branch);

}  // namespace loci::storage
