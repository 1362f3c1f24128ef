#pragma once
#include <loci/pg/query.hpp>
#include <loci/pg/types.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// The contract's statements, in the form loci-sqlgen gives to an application's own.
namespace loci::bench {

struct Conversation {
  Uuid id;
  std::string user_id;
  std::string title;
  JsonText metadata;
  Timestamp created_at;
  Timestamp updated_at;
  std::optional<Timestamp> deleted_at;
};

struct Message {
  Uuid id;
  Uuid conversation_id;
  std::string role;
  std::string content;
  JsonText metadata;
  Timestamp created_at;
};

/// Every query that gives whole messages decodes them alike.
struct GivesMessages {
  using Row = Message;
  static Row decode(const pg::RowView& row) {
    return {
        .id = row.get<pg::type::Uuid>(0),
        .conversation_id = row.get<pg::type::Uuid>(1),
        .role = row.get<pg::type::Text>(2),
        .content = row.get<pg::type::Text>(3),
        .metadata = row.get<pg::type::Jsonb>(4),
        .created_at = row.get<pg::type::Timestamptz>(5),
    };
  }
};

/// A client draws from these.
struct BenchKeys {
  static constexpr pg::Statement statement{
      .name = "BenchKeys",
      .sql = "select id from bench_keys order by n",
      .lane = pg::Lane::exclusive,  // long, and asked once
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;
  using Row = Uuid;
  void bind(pg::Params&) const {}
  static Row decode(const pg::RowView& row) { return row.get<pg::type::Uuid>(0); }
};

struct BenchQueries {
  static constexpr pg::Statement statement{
      .name = "BenchQueries",
      .sql = "select v from bench_queries order by n",
      .lane = pg::Lane::exclusive,
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;
  using Row = Vector;
  void bind(pg::Params&) const {}
  static Row decode(const pg::RowView& row) { return row.get<pg::type::Vector>(0); }
};

/// W1.
struct GetConversation {
  static constexpr pg::Statement statement{
      .name = "GetConversation",
      .sql = "select * from conversations where id = $1 and deleted_at is null",
      .lane = pg::Lane::shared,
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::one;

  Uuid id;

  using Row = Conversation;
  void bind(pg::Params& params) const { params.add<pg::type::Uuid>(id); }
  static Row decode(const pg::RowView& row) {
    return {
        .id = row.get<pg::type::Uuid>(0),
        .user_id = row.get<pg::type::Text>(1),
        .title = row.get<pg::type::Text>(2),
        .metadata = row.get<pg::type::Jsonb>(3),
        .created_at = row.get<pg::type::Timestamptz>(4),
        .updated_at = row.get<pg::type::Timestamptz>(5),
        .deleted_at = row.get_optional<pg::type::Timestamptz>(6),
    };
  }
};

/// W2.
struct ListMessages : GivesMessages {
  static constexpr pg::Statement statement{
      .name = "ListMessages",
      .sql = R"sql(select * from messages where conversation_id = $1
 order by created_at desc limit 50)sql",
      .lane = pg::Lane::shared,
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;

  explicit ListMessages(const Uuid& conversation) : conversation_id(conversation) {}
  Uuid conversation_id;

  void bind(pg::Params& params) const { params.add<pg::type::Uuid>(conversation_id); }
};

/// What W3 and W4 insert.
struct NewMessage {
  Uuid id;
  Uuid conversation_id;
  std::string role;
  std::string content;
  JsonText metadata;

  void bind(pg::Params& params) const {
    params.add<pg::type::Uuid>(id);
    params.add<pg::type::Uuid>(conversation_id);
    params.add<pg::type::Text>(role);
    params.add<pg::type::Text>(content);
    params.add<pg::type::Jsonb>(metadata);
  }
};

/// W3.
struct CreateMessage : GivesMessages {
  static constexpr pg::Statement statement{
      .name = "CreateMessage",
      .sql = R"sql(insert into w_messages (id, conversation_id, role, content, metadata)
values ($1, $2, $3, $4, $5) returning *)sql",
      .lane = pg::Lane::exclusive,
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::one;

  explicit CreateMessage(NewMessage made) : message(std::move(made)) {}
  NewMessage message;

  void bind(pg::Params& params) const { message.bind(params); }
};

/// W4, once.
struct AddConversation {
  static constexpr pg::Statement statement{
      .name = "AddConversation",
      .sql = "insert into w_conversations (id, user_id, title, metadata) values ($1, $2, $3, $4)",
      .lane = pg::Lane::exclusive,
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::exec;

  Uuid id;
  std::string user_id;
  std::string title;
  JsonText metadata;

  void bind(pg::Params& params) const {
    params.add<pg::type::Uuid>(id);
    params.add<pg::type::Text>(user_id);
    params.add<pg::type::Text>(title);
    params.add<pg::type::Jsonb>(metadata);
  }
};

/// W4, ten times.
struct AddMessage {
  static constexpr pg::Statement statement{
      .name = "AddMessage",
      .sql = R"sql(insert into w_messages (id, conversation_id, role, content, metadata)
values ($1, $2, $3, $4, $5))sql",
      .lane = pg::Lane::exclusive,
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::exec;

  NewMessage message;

  void bind(pg::Params& params) const { message.bind(params); }
};

/// W6.
struct NearestEmbeddings {
  static constexpr pg::Statement statement{
      .name = "NearestEmbeddings",
      .sql = R"sql(select id, 1 - (embedding <=> $1) as similarity from embeddings
 order by embedding <=> $1 limit 10)sql",
      .lane = pg::Lane::shared,
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;

  Vector embedding;

  struct Row {
    Uuid id;
    double similarity = 0;
  };
  void bind(pg::Params& params) const { params.add<pg::type::Vector>(embedding); }
  static Row decode(const pg::RowView& row) {
    return {
        .id = row.get<pg::type::Uuid>(0),
        .similarity = row.get<pg::type::Float8>(1),
    };
  }
};

/// Holds a connection for 20 ms and needs no CPU for it. On the shared lane it is a wrong
/// declaration, as a generator makes one for a read that turns out slow.
template <pg::Lane Declared>
struct SlowStatement {
  static constexpr pg::Statement statement{
      .name = "SlowStatement",
      .sql = "select 1 from pg_sleep(0.02)",
      .lane = Declared,
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::one;
  using Row = std::int32_t;
  void bind(pg::Params&) const {}
  static Row decode(const pg::RowView& row) { return row.get<pg::type::Int4>(0); }
};

}  // namespace loci::bench
