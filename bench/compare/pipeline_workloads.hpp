#pragma once
#include <libpq-fe.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loci_bench/random.hpp"
#include "loci_bench/sample_text.hpp"

/// What an operation of the bare libpq loop sends, and what must come back for it.
namespace loci::bench {

using loci::Uuid;

struct BareStatement {
  const char* name;
  const char* sql;
};

/// Of an operation whose answers are being read; one for each connection.
struct Seen {
  int commands = 0;
  int rows = 0;
};

class BareWorkload {
public:
  virtual ~BareWorkload() = default;
  /// To be prepared on each connection.
  [[nodiscard]] virtual std::span<const BareStatement> statements() const = 0;
  /// Queues one operation's statements; false when libpq refuses.
  [[nodiscard]] virtual bool send(PGconn* to, Random& random, const Uuid& key) const = 0;
  /// Decodes a result's rows, as an application would.
  virtual void take(const PGresult* result, Seen& seen) = 0;
  [[nodiscard]] virtual bool right(const Seen& seen) const = 0;
};

namespace bare {

inline Uuid uuid(const char* bytes) {
  std::array<std::uint8_t, 16> raw;
  std::memcpy(raw.data(), bytes, raw.size());
  return Uuid(raw);
}
inline std::string text(const PGresult* result, int row, int column) {
  return {PQgetvalue(result, row, column),
          static_cast<std::size_t>(PQgetlength(result, row, column))};
}
inline std::string json(const PGresult* result, int row, int column) {
  return text(result, row, column).substr(1);  // jsonb's version byte
}
inline std::int64_t integer(const PGresult* result, int row, int column) {
  std::int64_t value = 0;
  std::memcpy(&value, PQgetvalue(result, row, column), sizeof value);
  return std::byteswap(value);
}

inline bool execute(PGconn* to, const char* name, std::span<const std::string_view> parameters) {
  std::array<const char*, 8> values;
  std::array<int, 8> lengths;
  std::array<int, 8> formats;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    values[i] = parameters[i].data();
    lengths[i] = static_cast<int>(parameters[i].size());
    formats[i] = 1;
  }
  return PQsendQueryPrepared(to, name, static_cast<int>(parameters.size()), values.data(),
                             lengths.data(), formats.data(), 1) == 1;
}

inline std::string_view bytes(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes().data()), 16};
}

inline std::string_view metadata() {
  static const std::string jsonb = std::string("\1") + k_sample_metadata;
  return jsonb;
}

inline bool insert_message(PGconn* to, const char* name, Random& random, const Uuid& conversation) {
  static const std::string content = sample_content();
  const Uuid id = random.uuid();
  const std::array<std::string_view, 5> parameters{bytes(id), bytes(conversation), "user", content,
                                                   metadata()};
  return execute(to, name, parameters);
}

struct Message {
  Uuid id;
  Uuid conversation_id;
  std::string role;
  std::string content;
  std::string metadata;
  std::int64_t created_at = 0;
};

inline void decode_messages(const PGresult* result, std::vector<Message>& into) {
  into.clear();
  for (int row = 0; row < PQntuples(result); ++row) {
    into.push_back({.id = uuid(PQgetvalue(result, row, 0)),
                    .conversation_id = uuid(PQgetvalue(result, row, 1)),
                    .role = text(result, row, 2),
                    .content = text(result, row, 3),
                    .metadata = json(result, row, 4),
                    .created_at = integer(result, row, 5)});
  }
}

class PointRead final : public BareWorkload {
public:
  std::span<const BareStatement> statements() const override {
    static constexpr std::array<BareStatement, 1> all{
        {{"read", "select * from conversations where id = $1 and deleted_at is null"}}};
    return all;
  }
  bool send(PGconn* to, Random&, const Uuid& key) const override {
    return execute(to, "read", std::array{bytes(key)});
  }
  void take(const PGresult* result, Seen& seen) override {
    seen.rows = PQntuples(result);
    if (seen.rows == 0) return;
    last_ = {.id = uuid(PQgetvalue(result, 0, 0)),
             .user_id = text(result, 0, 1),
             .title = text(result, 0, 2),
             .metadata = json(result, 0, 3),
             .created_at = integer(result, 0, 4),
             .updated_at = integer(result, 0, 5),
             .deleted_at = PQgetisnull(result, 0, 6) != 0
                               ? std::nullopt
                               : std::make_optional(integer(result, 0, 6))};
  }
  bool right(const Seen& seen) const override { return seen.rows == 1; }

private:
  struct Conversation {
    Uuid id;
    std::string user_id;
    std::string title;
    std::string metadata;
    std::int64_t created_at = 0;
    std::int64_t updated_at = 0;
    std::optional<std::int64_t> deleted_at;
  };
  Conversation last_;
};

class List final : public BareWorkload {
public:
  std::span<const BareStatement> statements() const override {
    static constexpr std::array<BareStatement, 1> all{
        {{"list",
          "select * from messages where conversation_id = $1 order by created_at desc limit 50"}}};
    return all;
  }
  bool send(PGconn* to, Random&, const Uuid& key) const override {
    return execute(to, "list", std::array{bytes(key)});
  }
  void take(const PGresult* result, Seen& seen) override {
    decode_messages(result, last_);
    seen.rows = PQntuples(result);
  }
  bool right(const Seen& seen) const override { return seen.rows == 50; }

private:
  std::vector<Message> last_;
};

class Insert final : public BareWorkload {
public:
  std::span<const BareStatement> statements() const override {
    static constexpr std::array<BareStatement, 1> all{
        {{"insert",
          "insert into w_messages (id, conversation_id, role, content, metadata) "
          "values ($1, $2, $3, $4, $5) returning *"}}};
    return all;
  }
  bool send(PGconn* to, Random& random, const Uuid& key) const override {
    return insert_message(to, "insert", random, key);
  }
  void take(const PGresult* result, Seen& seen) override {
    decode_messages(result, last_);
    seen.rows = PQntuples(result);
  }
  bool right(const Seen& seen) const override { return seen.rows == 1; }

private:
  std::vector<Message> last_;
};

/// BEGIN, eleven inserts and COMMIT, in one group.
class InsertMany final : public BareWorkload {
public:
  std::span<const BareStatement> statements() const override {
    static constexpr std::array<BareStatement, 4> all{
        {{"begin", "begin"},
         {"conversation",
          "insert into w_conversations (id, user_id, title, metadata) values ($1, $2, $3, $4)"},
         {"message",
          "insert into w_messages (id, conversation_id, role, content, metadata) "
          "values ($1, $2, $3, $4, $5)"},
         {"commit", "commit"}}};
    return all;
  }
  bool send(PGconn* to, Random& random, const Uuid&) const override {
    const Uuid id = random.uuid();
    const std::array<std::string_view, 4> conversation{bytes(id), "user-1", "A conversation",
                                                       metadata()};
    bool sent = execute(to, "begin", {}) && execute(to, "conversation", conversation);
    for (int i = 0; i < 10; ++i) sent = sent && insert_message(to, "message", random, id);
    return sent && execute(to, "commit", {});
  }
  void take(const PGresult*, Seen&) override {}
  bool right(const Seen& seen) const override { return seen.commands == 13; }
};

}  // namespace bare

[[nodiscard]] inline std::unique_ptr<BareWorkload> bare_workload(std::string_view name) {
  if (name == "W1") return std::make_unique<bare::PointRead>();
  if (name == "W2") return std::make_unique<bare::List>();
  if (name == "W3") return std::make_unique<bare::Insert>();
  if (name == "W4") return std::make_unique<bare::InsertMany>();
  throw std::runtime_error("W1 to W4");
}

}  // namespace loci::bench
