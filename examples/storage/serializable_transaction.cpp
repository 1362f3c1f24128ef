// Ten messages in one serializable transaction, which is tried again when another one stood in its
// way.
#include <string>
#include <utility>

#include "in_private_database.hpp"

namespace {

using namespace loci::storage;

Task<loci::Uuid> store_ten(PostgresStorage& storage) {
  const auto transaction = co_await storage.begin({.isolation = loci::pg::Isolation::serializable});
  const Conversation talk =
      co_await transaction->conversations().create({.user_id = "ada", .title = "Counting"});
  for (int i = 1; i <= 10; ++i) {
    (void)co_await transaction->messages().create({.conversation_id = talk.id,
                                                   .role = i % 2 == 1 ? "user" : "assistant",
                                                   .content = std::to_string(i)});
  }
  co_await transaction->commit();  // without it, nothing of all this stays
  co_return talk.id;
}

Task<void> example(PostgresStorage& storage) {
  for (int attempt = 1;; ++attempt) {
    try {
      const loci::Uuid id = co_await store_ten(storage);
      const auto messages = co_await storage.messages().after(id, 0, 100);
      std::printf("%zu messages, the last one is number %lld\n", messages.size(),
                  static_cast<long long>(messages.back().seq));
      co_return;
    } catch (const loci::Error& error) {
      if (!error.retryable() || attempt == 5) throw;
    }
  }
}

}  // namespace

int main() {
  return in_private_database(example);
}
