#include "storage/postgres_embeddings.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <set>

#include "queries/embeddings.hpp"
#include "queries/taken.hpp"
#include "storage/embedding_keys.hpp"
#include "storage/rows.hpp"

namespace loci::storage {

namespace {

void prepare(const Unit& /*unit*/, NewEmbedding& item) {
  check(item);
}

std::size_t bytes(const NewEmbedding& item) {
  return item.embedding.values.size() * sizeof(float) + item.metadata.text.size();
}

template <class Query>
Query columns(const Unit& unit, std::span<const NewEmbedding> items) {
  Query query;
  query.tenant_id = unit.tenant_id;
  for (const NewEmbedding& item : items) {
    query.model_ids.push_back(item.model_id);
    query.content_types.push_back(item.content_type);
    query.content_ids.push_back(item.content_id);
    query.chunks.push_back(item.chunk);
    query.embeddings.push_back(item.embedding);
    query.content_hashes.push_back(item.content_hash);
    query.metadata.push_back(item.metadata);
  }
  return query;
}

// A view of one user stores vectors of that user's texts alone.
Task<void> require_own_content(Unit unit, std::span<const NewEmbedding> items, Deadline deadline) {
  if (!unit.user_id) co_return;
  queries::FindForeignContent query{.tenant_id = unit.tenant_id, .only_user = *unit.user_id};
  for (const NewEmbedding& item : items) {
    query.content_types.push_back(item.content_type);
    query.content_ids.push_back(item.content_id);
  }
  const auto foreign = co_await unit.session->run(std::move(query), deadline);
  if (foreign) {
    throw Error(ErrorKind::invalid_argument,
                "content_id " + foreign->content_id.str() + " is no text of the view's user");
  }
}

Task<std::vector<Embedding>> insert(Unit unit, std::span<const NewEmbedding> items,
                                    Deadline deadline) {
  co_await require_own_content(unit, items, deadline);
  auto rows = co_await unit.session->run(columns<queries::CreateEmbeddings>(unit, items), deadline);
  std::vector<Embedding> made;
  made.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    made.push_back({.model_id = rows[i].model_id,
                    .content_type = std::move(rows[i].content_type),
                    .content_id = rows[i].content_id,
                    .chunk = rows[i].chunk,
                    .embedding = items[i].embedding,
                    .content_hash = items[i].content_hash,
                    .metadata = std::move(rows[i].metadata),
                    .created_at = rows[i].created_at,
                    .version = rows[i].version});
  }
  co_return made;
}

// What was stored is not read back: store() tells nothing of it.
Task<std::vector<Embedding>> store_or_replace(Unit unit, std::span<const NewEmbedding> items,
                                              Deadline deadline) {
  co_await require_own_content(unit, items, deadline);
  (void)co_await unit.session->run(columns<queries::ReplaceEmbeddings>(unit, items), deadline);
  co_return std::vector<Embedding>(items.size());
}

Task<std::vector<bool>> taken(Unit unit, std::span<const NewEmbedding> items, Deadline deadline) {
  queries::TakenEmbeddings query{.tenant_id = unit.tenant_id};
  for (const NewEmbedding& item : items) {
    query.model_ids.push_back(item.model_id);
    query.content_types.push_back(item.content_type);
    query.content_ids.push_back(item.content_id);
    query.chunks.push_back(item.chunk);
  }
  std::set<EmbeddingKey> found;
  for (auto& row : co_await unit.session->run(std::move(query), deadline)) {
    found.insert({row.model_id, std::move(row.content_type), row.content_id, row.chunk});
  }
  std::vector<bool> answers;
  for (const NewEmbedding& item : items) {
    answers.push_back(
        found.contains({item.model_id, item.content_type, item.content_id, item.chunk}));
  }
  co_return answers;
}

// Errors: BatchError, of those whose form is none.
void check_all(std::span<const NewEmbedding> items) {
  std::vector<ItemFailure> failures;
  for (std::size_t i = 0; i < items.size(); ++i) {
    try {
      check(items[i]);
    } catch (const Error& error) {
      failures.push_back({i, error});
    }
  }
  if (!failures.empty()) throw BatchError(items.size(), std::move(failures));
}

// The failures of a part of a batch, told of the whole.
[[noreturn]] void throw_of_whole(const BatchError& part, std::span<const std::size_t> places,
                                 std::size_t whole) {
  std::vector<ItemFailure> failures = part.failures();
  for (ItemFailure& each : failures) each.item = places[each.item];
  std::ranges::sort(failures, {}, &ItemFailure::item);
  throw BatchError(whole, std::move(failures));
}

}  // namespace

PostgresEmbeddings::PostgresEmbeddings(Unit unit)
    : PostgresRepository(std::move(unit), {.prepare = prepare,
                                           .bytes = bytes,
                                           .insert = insert,
                                           .taken = taken,
                                           .constraint = "embeddings_pkey"}) {}

Task<EmbeddingModel> PostgresEmbeddings::add_model(std::string name, std::int32_t dimensions,
                                                   Deadline deadline) {
  check_model(name, dimensions);
  if (unit().pool != nullptr) {  // in a transaction, having read the table would stand in the way
    const auto known = co_await ask(queries::GetModel{.name = name}, deadline);
    if (known && known->dimensions == dimensions) {
      co_return EmbeddingModel{.id = known->id, .name = std::move(name), .dimensions = dimensions};
    }
  }
  const auto row =
      co_await ask(queries::AddEmbeddingModel{.name = name, .dimensions = dimensions}, deadline);
  co_return EmbeddingModel{.id = row->id, .name = std::move(name), .dimensions = dimensions};
}

Task<std::optional<EmbeddingModel>> PostgresEmbeddings::active_model(Deadline deadline) {
  auto row = co_await ask(queries::GetActiveModel{}, deadline);
  if (!row) co_return std::nullopt;
  co_return EmbeddingModel{
      .id = row->id, .name = std::move(row->name), .dimensions = row->dimensions};
}

Task<std::vector<EmbeddingModel>> PostgresEmbeddings::models(Deadline deadline) {
  std::vector<EmbeddingModel> models;
  for (auto& row : co_await ask(queries::ListModels{}, deadline)) {
    models.push_back({.id = row.id, .name = std::move(row.name), .dimensions = row.dimensions});
  }
  co_return models;
}

Task<void> PostgresEmbeddings::store(std::vector<NewEmbedding> embeddings, Deadline deadline) {
  require_batch(embeddings.size());
  check_all(embeddings);
  const std::vector<std::size_t> places = last_of_each_key(embeddings);
  std::vector<NewEmbedding> items;
  items.reserve(places.size());
  for (const std::size_t place : places) items.push_back(std::move(embeddings[place]));
  const auto checked = [](const Unit& /*unit*/, NewEmbedding& /*item*/) {};
  Batch<Embedding> batch(unit(), std::move(items),
                         {.prepare = checked, .bytes = bytes, .insert = store_or_replace},
                         deadline);
  try {
    (void)co_await batch.store_all();
  } catch (const BatchError& error) {
    throw_of_whole(error, places, embeddings.size());
  }
}

Task<std::vector<Embedding>> PostgresEmbeddings::of_text(std::int32_t model_id,
                                                         std::string content_type, Uuid content_id,
                                                         Deadline deadline) {
  check(EmbeddingKey{.model_id = model_id, .content_type = content_type, .content_id = content_id});
  co_return to_records(
      co_await ask(queries::ListEmbeddingsOfText{.tenant_id = unit().tenant_id,
                                                 .model_id = model_id,
                                                 .content_type = std::move(content_type),
                                                 .content_id = content_id,
                                                 .only_user = unit().user_id},
                   deadline));
}

Task<std::vector<Embedding>> PostgresEmbeddings::fetch(std::vector<EmbeddingKey> keys,
                                                       Deadline deadline) {
  std::ranges::sort(keys);
  const auto repeated = std::ranges::unique(keys);
  keys.erase(repeated.begin(), repeated.end());
  queries::GetEmbeddings query{.tenant_id = unit().tenant_id, .only_user = unit().user_id};
  for (EmbeddingKey& key : keys) {
    query.model_ids.push_back(key.model_id);
    query.content_types.push_back(std::move(key.content_type));
    query.content_ids.push_back(key.content_id);
    query.chunks.push_back(key.chunk);
  }
  co_return to_records(co_await ask(std::move(query), deadline));
}

Task<std::optional<Embedding>> PostgresEmbeddings::change(const EmbeddingKey& key,
                                                          const EmbeddingPatch& patch,
                                                          Deadline deadline) {
  co_return to_optional_record(
      co_await ask(queries::UpdateEmbedding{.embedding = patch.embedding,
                                            .content_hash = patch.content_hash,
                                            .metadata = patch.metadata,
                                            .tenant_id = unit().tenant_id,
                                            .model_id = key.model_id,
                                            .content_type = key.content_type,
                                            .content_id = key.content_id,
                                            .chunk = key.chunk,
                                            .if_version = patch.if_version,
                                            .only_user = unit().user_id},
                   deadline));
}

Task<bool> PostgresEmbeddings::erase(EmbeddingKey key, Deadline deadline) {
  check(key);
  co_return co_await ask(queries::EraseEmbedding{.tenant_id = unit().tenant_id,
                                                 .model_id = key.model_id,
                                                 .content_type = std::move(key.content_type),
                                                 .content_id = key.content_id,
                                                 .chunk = key.chunk,
                                                 .only_user = unit().user_id},
                         deadline) == 1;
}

}  // namespace loci::storage
