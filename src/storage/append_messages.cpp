#include "storage/append_messages.hpp"

#include <loci/base/error.hpp>

#include <unordered_map>

#include "queries/conversations.hpp"
#include "queries/messages.hpp"
#include "queries/taken.hpp"

namespace loci::storage {

namespace {

void prepare(const Unit& /*unit*/, NewMessage& item) {
  check(item);
  if (!item.id) item.id = Uuid::v7();
  if (!item.created_at) item.created_at = now();
}

std::size_t bytes(const NewMessage& item) {
  return item.content.size() + item.metadata.text.size() +
         (item.parts ? item.parts->text.size() : 0);
}

std::string stray_parent(const NewMessage& item) {
  return "parent_id " + item.parent_id.value_or(Uuid()).str() +
         " is a message of another conversation than " + item.conversation_id.str();
}

queries::AppendMessages columns(const Unit& unit, std::span<const NewMessage> items) {
  queries::AppendMessages query{.tenant_id = unit.tenant_id, .only_user = unit.user_id};
  for (const NewMessage& item : items) {
    query.ids.push_back(item.id.value());
    query.conversation_ids.push_back(item.conversation_id);
    query.parent_ids.push_back(item.parent_id);
    query.roles.push_back(item.role);
    query.contents.push_back(item.content);
    query.parts.push_back(item.parts);
    query.models.push_back(item.model);
    query.metadata.push_back(item.metadata);
    query.source_ids.push_back(item.source_id);
    query.created_at.push_back(item.created_at.value());
  }
  return query;
}

// Why none of the items was stored, in words that fit when there is one.
template <class NoConversation>
Task<void> explain_refusal(const Unit& unit, std::span<const NewMessage> items, Deadline deadline) {
  const NewMessage& item = items.front();
  const auto conversation = co_await unit.session->run(
      queries::ConversationExists{
          .tenant_id = unit.tenant_id, .id = item.conversation_id, .only_user = unit.user_id},
      deadline);
  if (!conversation) {
    throw NoConversation(ErrorKind::invalid_argument,
                         "there is no conversation " + item.conversation_id.str());
  }
  throw Error(ErrorKind::invalid_argument,
              item.parent_id ? stray_parent(item)
                             : "a message stands in the way of the others: " + item.id->str());
}

template <class NoConversation>
Task<std::vector<Message>> insert(Unit unit, std::span<const NewMessage> items, Deadline deadline) {
  const auto rows = co_await unit.session->run(columns(unit, items), deadline);
  if (rows.size() != items.size()) co_await explain_refusal<NoConversation>(unit, items, deadline);
  std::vector<Message> made;
  made.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const NewMessage& item = items[i];
    made.push_back({.id = rows[i].id,
                    .conversation_id = item.conversation_id,
                    .seq = rows[i].seq,
                    .parent_id = rows[i].parent_id,
                    .role = item.role,
                    .content = item.content,
                    .parts = item.parts,
                    .model = item.model,
                    .metadata = rows[i].metadata,
                    .source_id = item.source_id,
                    .created_at = item.created_at.value()});
  }
  co_return made;
}

}  // namespace

Storing<Message> appending() noexcept {
  return {.prepare = prepare,
          .bytes = bytes,
          .insert = insert<Error>,
          .taken = taken_ids<Message, queries::TakenMessages>,
          .constraint = "messages_pkey"};
}

Storing<Message> appending_to_one() noexcept {
  Storing<Message> storing = appending();
  storing.insert = insert<FaultOfAll>;
  return storing;
}

std::vector<ItemFailure> misplaced_parents(std::span<const NewMessage> items) {
  std::unordered_map<Uuid, std::size_t> places;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].id) places.try_emplace(*items[i].id, i);
  }
  std::vector<ItemFailure> failures;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].parent_id) continue;
    const auto parent = places.find(*items[i].parent_id);
    if (parent == places.end()) continue;
    if (parent->second >= i) {
      failures.push_back({i, Error(ErrorKind::invalid_argument,
                                   "parent_id is a message that stands later in the batch")});
    } else if (items[parent->second].conversation_id != items[i].conversation_id) {
      failures.push_back({i, Error(ErrorKind::invalid_argument, stray_parent(items[i]))});
    }
  }
  return failures;
}

}  // namespace loci::storage
