#include "bulk.hpp"

#include <loci/pg/copy_rows.hpp>

#include <chrono>
#include <random>
#include <utility>

#include "sample.hpp"

namespace loci::bench {

namespace {

constexpr std::size_t k_chunk = 65'536;
constexpr const char* k_copy =
    "copy bulk_messages (id, conversation_id, role, content, metadata, created_at) from stdin "
    "(format binary)";

void append(pg::CopyRows& rows, const Message& message) {
  rows.begin_row(6);
  rows.field<pg::type::Uuid>(message.id);
  rows.field<pg::type::Uuid>(message.conversation_id);
  rows.field<pg::type::Text>(message.role);
  rows.field<pg::type::Text>(message.content);
  rows.field<pg::type::Jsonb>(message.metadata);
  rows.field<pg::type::Timestamptz>(message.created_at);
}

// Gives the rows chunk by chunk, as Lease::copy_in() asks for them.
class Source {
public:
  bool operator()(std::string& chunk) {
    while (made_ < k_bulk_rows && rows_.size() < k_chunk) append(rows_, next());
    if (rows_.size() == 0) return false;
    chunk = rows_.take();
    return true;
  }

private:
  Message next() {
    NewMessage fresh = sample_message(random_, random_.uuid());
    return {.id = fresh.id,
            .conversation_id = fresh.conversation_id,
            .role = std::move(fresh.role),
            .content = std::move(fresh.content),
            .metadata = std::move(fresh.metadata),
            .created_at = start_ + std::chrono::microseconds(made_++)};
  }

  Random random_{std::random_device()()};
  Timestamp start_ = now();
  std::uint64_t made_ = 0;
  pg::CopyRows rows_;
};

}  // namespace

boost::asio::awaitable<Bulk> copy_messages(pg::Pool& pool) {
  pg::Lease lease = co_await pool.acquire(Deadline::after(std::chrono::seconds(30)));
  const Stopwatch stopwatch;
  const std::uint64_t rows = co_await lease.copy_in(k_copy, Source(), Deadline::never());
  co_return Bulk{rows, stopwatch.stop()};
}

}  // namespace loci::bench
