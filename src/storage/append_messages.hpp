#pragma once
#include <span>
#include <vector>

#include "storage/batch.hpp"

namespace loci::storage {

/// How messages are stored: at the end of their conversations.
[[nodiscard]] Storing<Message> appending() noexcept;

/// The same, where all are of one conversation: that it is not there is no item's fault.
[[nodiscard]] Storing<Message> appending_to_one() noexcept;

/// The items of a batch whose parent stands in it, but later, or in another conversation.
[[nodiscard]] std::vector<ItemFailure> misplaced_parents(std::span<const NewMessage> items);

}  // namespace loci::storage
