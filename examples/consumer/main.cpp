// Starts a private PostgreSQL in a throw-away folder, stores a conversation and reads it back.
#include <loci/base/error.hpp>
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/runtime.hpp>
#include <loci/schema/migrator.hpp>
#include <loci/storage/postgres_storage.hpp>

#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

namespace {

using loci::Deadline;
using loci::storage::NewMessage;
using loci::storage::Task;
using namespace std::chrono_literals;

// A coroutine can do several things in a row, here in one transaction.
Task<loci::Uuid> remember(loci::storage::Storage& storage) {
  const auto transaction = co_await storage.begin();
  const auto conversation =
      co_await transaction->conversations().create({.user_id = "ada", .title = "Keys"});
  std::vector<NewMessage> messages{
      {.role = "user", .content = "Where did I leave the keys?"},
      {.role = "assistant", .content = "In the blue bowl by the door."},
  };
  (void)co_await transaction->messages().append(conversation.id, std::move(messages));
  co_await transaction->commit();
  co_return conversation.id;
}

int run() {
  const auto server = loci::pg::EmbeddedServer::open({.throwaway = true});
  loci::Runtime runtime;
  loci::storage::PostgresStorage storage(runtime.executor(), {.pool = {.conninfo = server.dsn()}});

  (void)runtime.wait(storage.migrate(Deadline::after(1min)));

  const loci::Uuid id = runtime.wait(remember(storage));
  const auto messages = runtime.wait(storage.messages().after(id, 0, 100));
  for (const auto& message : messages) {
    std::printf("%lld %s: %s\n", static_cast<long long>(message.seq), message.role.c_str(),
                message.content.c_str());
  }
  return messages.size() == 2 ? 0 : 1;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const loci::Error& error) {
    std::fprintf(stderr, "consumer: %s\n", error.what());
    return 1;
  }
}
