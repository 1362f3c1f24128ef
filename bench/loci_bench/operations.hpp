#pragma once
#include <loci/pg/pool.hpp>
#include <loci/pg/transaction.hpp>

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "inputs.hpp"
#include "queries.hpp"
#include "random.hpp"
#include "sample.hpp"

/// One struct a workload: start() begins an operation, right() says whether the answer has as many
/// rows as it must.
namespace loci::bench {

struct PointRead {
  static auto start(pg::Pool& pool, const Inputs& inputs, Random& random, Deadline deadline) {
    return pool.run(GetConversation{inputs.key(random)}, deadline);
  }
  static bool right(const std::optional<Conversation>& row) { return row.has_value(); }
};

struct List {
  static auto start(pg::Pool& pool, const Inputs& inputs, Random& random, Deadline deadline) {
    return pool.run(ListMessages(inputs.key(random)), deadline);
  }
  static bool right(const std::vector<Message>& rows) { return rows.size() == 50; }
};

struct Insert {
  static auto start(pg::Pool& pool, const Inputs& inputs, Random& random, Deadline deadline) {
    return pool.run(CreateMessage(sample_message(random, inputs.key(random))), deadline);
  }
  static bool right(const std::optional<Message>& row) { return row.has_value(); }
};

struct InsertMany {
private:
  template <std::size_t... I>
  static auto add(pg::Transaction& transaction, Random& random, AddConversation conversation,
                  Deadline deadline, std::index_sequence<I...>) {
    const auto message = [&random, id = conversation.id](std::size_t) {
      return AddMessage{sample_message(random, id)};
    };
    return transaction.commit_with(deadline, std::move(conversation), message(I)...);
  }

public:
  // BEGIN, the eleven inserts and COMMIT travel as one group.
  static boost::asio::awaitable<bool> start(pg::Pool& pool, const Inputs&, Random& random,
                                            Deadline deadline) {
    AddConversation conversation{random.uuid(), "user-1", "A conversation", {k_sample_metadata}};
    pg::Transaction transaction = co_await pg::Transaction::begin(pool, {}, deadline);
    co_await add(transaction, random, std::move(conversation), deadline,
                 std::make_index_sequence<10>());
    co_return true;
  }
  static bool right(bool committed) { return committed; }
};

struct Nearest {
  static auto start(pg::Pool& pool, const Inputs& inputs, Random& random, Deadline deadline) {
    return pool.run(NearestEmbeddings{inputs.vector(random)}, deadline);
  }
  static bool right(const std::vector<NearestEmbeddings::Row>& rows) { return rows.size() == 10; }
};

template <pg::Lane Declared>
struct Slow {
  static auto start(pg::Pool& pool, const Inputs&, Random&, Deadline deadline) {
    return pool.run(SlowStatement<Declared>{}, deadline);
  }
  static bool right(const std::optional<std::int32_t>& row) { return row.has_value(); }
};

}  // namespace loci::bench
