#include "storage/input_checks.hpp"
#include "storage/mock/embedding_models.hpp"
#include "storage/mock/jsonb.hpp"
#include "storage/mock/rules.hpp"

namespace loci::storage::mock {

namespace {

using EmbeddingRules = Rules<Embedding>;

Key embedding_place(Statement& s, const EmbeddingKey& key) {
  return s.key(Table::embeddings, key.model_id, key.content_type, key.content_id, key.chunk);
}

bool in_scope(Statement& s, const Embedding& record) {
  if (!s.scope.user) return true;
  if (record.content_type == "memory") {
    const auto memory = s.work.find<Memory>(s.key(Table::memories, record.content_id));
    return memory && memory->scope.user_id == *s.scope.user;
  }
  const auto message = s.work.find<Message>(s.key(Table::messages, record.content_id));
  return message && Rules<Conversation>::find_any(s, message->conversation_id);
}

// A view of one user stores vectors of that user's texts alone.
void require_own_content(Statement& s, const Embedding& record) {
  if (in_scope(s, record)) return;
  throw Error(ErrorKind::invalid_argument,
              "content_id " + record.content_id.str() + " is no text of the view's user");
}

void require_text(Statement& s, const Embedding& record) {
  const Table table = record.content_type == "memory" ? Table::memories : Table::messages;
  s.work.require_there(s.key(table, record.content_id), "embeddings: there is no such text");
}

void require_model(Statement& s, const Embedding& record) {
  const auto model = s.work.find<Model>(model_place(record.model_id));
  if (!model) {
    throw server_error("23514", "no partition of relation \"embeddings\" found for row");
  }
  if (static_cast<std::size_t>(model->model.dimensions) != record.embedding.values.size()) {
    throw server_error("23514", "violates check constraint: not the dimensions of its model");
  }
}

}  // namespace

Embedding EmbeddingRules::create(Statement& s, const NewEmbedding& made) {
  check(made);
  Embedding record{.model_id = made.model_id,
                   .content_type = made.content_type,
                   .content_id = made.content_id,
                   .chunk = made.chunk,
                   .embedding = made.embedding,
                   .content_hash = made.content_hash,
                   .metadata = as_jsonb(made.metadata),
                   .created_at = s.now,
                   .version = 1};
  require_own_content(s, record);
  require_text(s, record);
  require_model(s, record);
  s.work.insert(embedding_place(s, record.key()), record, "embeddings_pkey");
  return record;
}

Found<Embedding> EmbeddingRules::find(Statement& s, const EmbeddingKey& key) {
  check(key);
  auto record = s.work.find<Embedding>(embedding_place(s, key));
  return record && in_scope(s, *record) ? record : nullptr;
}

void EmbeddingRules::each(Statement& s, Deleted deleted, const Visit<Embedding>& visit) {
  if (deleted == Deleted::only) return;
  s.work.each<Embedding>(s.key(Table::embeddings), [&](const Key&, const auto& record) {
    if (in_scope(s, *record)) visit(record);
  });
}

void EmbeddingRules::change(Statement& /*s*/, Embedding& record, const EmbeddingPatch& patch) {
  if (patch.embedding) record.embedding = *patch.embedding;
  if (patch.content_hash) record.content_hash = *patch.content_hash;
  if (patch.metadata) record.metadata = as_jsonb(*patch.metadata);
}

Embedding EmbeddingRules::put(Statement& s, const Embedding& /*before*/, Embedding record) {
  require_model(s, record);
  ++record.version;
  s.work.put(embedding_place(s, record.key()), record);
  return record;
}

bool EmbeddingRules::erase(Statement& s, const EmbeddingKey& key) {
  const auto found = find(s, key);
  if (found) s.work.remove(embedding_place(s, key));
  return found != nullptr;
}

void EmbeddingRules::forget_text(Statement& s, std::string_view content_type,
                                 const Uuid& content_id) {
  s.work.each<Embedding>(s.key(Table::embeddings), [&](const Key& key, const auto& record) {
    if (record->content_type == content_type && record->content_id == content_id) {
      s.work.remove(key);
    }
  });
}

}  // namespace loci::storage::mock
