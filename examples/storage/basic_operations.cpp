// Stores a conversation, a message and its vector; reads, changes and lists them.
#include <utility>
#include <vector>

#include "in_private_database.hpp"

namespace {

using namespace loci::storage;

Task<void> example(PostgresStorage& storage) {
  const Conversation talk = co_await storage.conversations().create(
      {.user_id = "ada", .title = "Keys", .metadata = {R"({"lang": "en"})"}});

  const Message question = co_await storage.messages().create(
      {.conversation_id = talk.id, .role = "user", .content = "Where are my keys?"});

  // Vectors belong to a model, which says how many dimensions they have.
  const EmbeddingModel model = co_await storage.embeddings().add_model("example", 3);
  const Embedding vector = co_await storage.embeddings().create({.model_id = model.id,
                                                                 .content_id = question.id,
                                                                 .embedding = {{0.1F, 0.2F, 0.3F}},
                                                                 .content_hash = "v1"});
  std::printf("stored message %lld with %zu dimensions\n", static_cast<long long>(question.seq),
              vector.embedding.values.size());

  // Only what the patch names changes, and only if nobody else changed it since it was read.
  const Conversation now = (co_await storage.conversations().get(talk.id)).value();
  (void)co_await storage.conversations().update(talk.id,
                                                {.title = "Lost keys", .if_version = now.version});

  using F = ConversationFields;
  const Page<Conversation> page = co_await storage.conversations().list(
      F::user_id.eq("ada") && metadata("lang").eq(std::string("en")));
  for (const Conversation& each : page.items) std::printf("found \"%s\"\n", each.title.c_str());
}

}  // namespace

int main() {
  return in_private_database(example);
}
