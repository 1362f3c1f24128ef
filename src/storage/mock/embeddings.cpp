#include <algorithm>

#include "storage/embedding_keys.hpp"
#include "storage/mock/embedding_models.hpp"
#include "storage/mock/repositories.hpp"

namespace loci::storage::mock {

namespace {

std::vector<Model> all_models(Statement& s) {
  std::vector<Model> models;
  s.work.each<Model>(key_of(Table::embedding_models),
                     [&](const Key&, const auto& model) { models.push_back(*model); });
  return models;
}

void store_one(Statement& s, const NewEmbedding& made) {
  const EmbeddingKey key{made.model_id, made.content_type, made.content_id, made.chunk};
  const auto found = Rules<Embedding>::find(s, key);
  if (!found) {
    (void)Rules<Embedding>::create(s, made);
    return;
  }
  check(made);
  Embedding record = *found;
  Rules<Embedding>::change(
      s, record,
      {.embedding = made.embedding, .content_hash = made.content_hash, .metadata = made.metadata});
  record.created_at = s.now;
  (void)Rules<Embedding>::put(s, *found, std::move(record));
}

}  // namespace

Task<EmbeddingModel> Embeddings::add_model(std::string name, std::int32_t dimensions,
                                           Deadline deadline) {
  return unit_.run(
      named("add_model"), deadline, [name = std::move(name), dimensions](Statement& s) {
        check_model(name, dimensions);
        const std::vector<Model> models = all_models(s);
        const auto known =
            std::ranges::find(models, name, [](const Model& each) { return each.model.name; });
        if (known == models.end()) {
          const EmbeddingModel model{.id = models.empty() ? 1 : models.back().model.id + 1,
                                     .name = name,
                                     .dimensions = dimensions};
          s.work.insert(model_place(model.id), Model{.model = model, .active = models.empty()},
                        "embedding_models_pkey");
          s.work.insert(key_of(Table::embedding_model_names, name), model.id,
                        "embedding_models_name_key");
          return model;
        }
        if (known->model.dimensions != dimensions) {
          throw server_error("22023", "embedding model " + name + " has other dimensions");
        }
        return known->model;
      });
}

Task<std::optional<EmbeddingModel>> Embeddings::active_model(Deadline deadline) {
  return unit_.run(named("active_model"), deadline,
                   [](Statement& s) -> std::optional<EmbeddingModel> {
                     const std::vector<Model> models = all_models(s);
                     const auto active = std::ranges::find(models, true, &Model::active);
                     if (active == models.end()) return std::nullopt;
                     return active->model;
                   });
}

Task<std::vector<EmbeddingModel>> Embeddings::models(Deadline deadline) {
  return unit_.run(named("models"), deadline, [](Statement& s) {
    std::vector<EmbeddingModel> models;
    for (const Model& each : all_models(s)) models.push_back(each.model);
    return models;
  });
}

Task<void> Embeddings::store(std::vector<NewEmbedding> embeddings, Deadline deadline) {
  (void)co_await unit_.run(named("store"), deadline,
                           [embeddings = std::move(embeddings)](Statement& s) {
                             require_batch(embeddings.size());
                             throw_faults(faults_of_form(embeddings));
                             std::vector<std::optional<Error>> faults(embeddings.size());
                             for (const std::size_t place : last_of_each_key(embeddings)) {
                               try {
                                 s.work.all_or_none([&] { store_one(s, embeddings[place]); });
                               } catch (const Error& error) {
                                 if (!is_fault_of_item(error)) throw;
                                 faults[place] = error;
                               }
                             }
                             throw_faults(faults);
                             return embeddings.size();
                           });
}

Task<std::vector<Embedding>> Embeddings::of_text(std::int32_t model_id, std::string content_type,
                                                 Uuid content_id, Deadline deadline) {
  return unit_.run(named("of_text"), deadline,
                   [model_id, content_type = std::move(content_type), content_id](Statement& s) {
                     check(EmbeddingKey{model_id, content_type, content_id, 0});
                     std::vector<Embedding> chunks;
                     Rules<Embedding>::each(s, Deleted::exclude, [&](const auto& each) {
                       if (each->model_id == model_id && each->content_type == content_type &&
                           each->content_id == content_id) {
                         chunks.push_back(*each);  // in order: the chunk ends the key
                       }
                     });
                     return chunks;
                   });
}

}  // namespace loci::storage::mock
