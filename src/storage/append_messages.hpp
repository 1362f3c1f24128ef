#pragma once
#include "storage/batch.hpp"

namespace loci::storage {

/// How messages are stored: at the end of their conversations.
[[nodiscard]] Storing<Message> appending() noexcept;

/// The same, where all are of one conversation: that it is not there is no item's fault.
[[nodiscard]] Storing<Message> appending_to_one() noexcept;

/// Refuses the items whose parent stands in the batch, but later, or in another conversation.
void check_parents(Batch<Message>& batch);

}  // namespace loci::storage
