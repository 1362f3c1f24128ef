#pragma once
#include <loci/storage/records.hpp>

#include "queries/messages.hpp"

namespace loci::storage {

/// Adds one message to the columns of a batch insert.
inline void add_message(queries::CreateMessages& batch, Message message) {
  batch.ids.push_back(message.id);
  batch.conversation_ids.push_back(message.conversation_id);
  batch.seqs.push_back(message.seq);
  batch.parent_ids.push_back(message.parent_id);
  batch.roles.push_back(std::move(message.role));
  batch.contents.push_back(std::move(message.content));
  batch.parts.push_back(std::move(message.parts));
  batch.models.push_back(std::move(message.model));
  batch.metadata.push_back(std::move(message.metadata));
  batch.source_ids.push_back(std::move(message.source_id));
  batch.created_at.push_back(message.created_at);
}

}  // namespace loci::storage
