// Messages with vectors, found again by a question: by words and by nearness at once.
#include <loci/embed/hashing_embedder.hpp>
#include <loci/vector/search.hpp>

#include <string>
#include <utility>
#include <vector>

#include "in_private_database.hpp"

namespace {

using namespace loci::storage;

Task<void> example(PostgresStorage& storage) {
  // The embedder that works offline; any other has the same interface. It blocks, so a program with
  // an event loop calls it on a thread of its own.
  loci::embed::HashingEmbedder embedder;
  const EmbeddingModel model = co_await storage.embeddings().add_model(
      embedder.name(), static_cast<std::int32_t>(embedder.dimensions()));

  const Conversation talk =
      co_await storage.conversations().create({.user_id = "ada", .title = "Databases"});
  const std::vector<std::string> texts{
      "A deadlock is resolved by always locking rows in the same order.",
      "The cake needs two eggs and a cup of sugar.",
      "An index on lower(email) makes the lookup fast.",
  };
  std::vector<NewMessage> messages;
  for (const std::string& text : texts) messages.push_back({.role = "user", .content = text});
  const auto stored = co_await storage.messages().append(talk.id, std::move(messages));

  const auto vectors = embedder.embed(texts);
  std::vector<NewEmbedding> embeddings;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    embeddings.push_back({.model_id = model.id,
                          .content_id = stored[i].id,
                          .embedding = {vectors[i]},
                          .content_hash = texts[i]});
  }
  co_await storage.embeddings().store(std::move(embeddings));

  const std::vector<std::string> question{"how did I fix the deadlocks"};
  const auto hits = co_await loci::vector::search(
      storage, {.text = question[0],
                .vector = loci::Vector{embedder.embed(question)[0]},
                .model_id = model.id,
                .limit = 1,
                .vector_weight = loci::vector::k_lexical_vector_weight});
  for (const auto& hit : hits) {
    const auto message = co_await storage.messages().get(hit.message_id);
    std::printf("%s: %s\n", hit.conversation_title.c_str(), message->content.c_str());
  }
}

}  // namespace

int main() {
  return in_private_database(example);
}
