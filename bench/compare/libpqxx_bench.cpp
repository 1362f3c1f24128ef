// libpqxx in one cell of the comparison: a thread a client, prepared statements, text format.
#include <loci/base/time.hpp>

#include <pqxx/pqxx>

#include <charconv>
#include <stdexcept>
#include <string>

#include "compare/threads.hpp"
#include "loci_bench/sample_text.hpp"

namespace {

using namespace loci::bench;
using loci::Timestamp;
using loci::Uuid;

struct Conversation {
  Uuid id;
  std::string user_id;
  std::string title;
  std::string metadata;
  Timestamp created_at;
  Timestamp updated_at;
  std::optional<Timestamp> deleted_at;
};
struct Message {
  Uuid id;
  Uuid conversation_id;
  std::string role;
  std::string content;
  std::string metadata;
  Timestamp created_at;
};
struct Hit {
  Uuid id;
  double similarity;
};

Uuid uuid(const pqxx::field& field) {
  return Uuid::parse(field.view()).value();
}
Timestamp time(const pqxx::field& field) {
  return loci::parse_timestamp(field.view()).value();
}
Conversation conversation(const pqxx::row& row) {
  return {uuid(row[0]),
          row[1].as<std::string>(),
          row[2].as<std::string>(),
          row[3].as<std::string>(),
          time(row[4]),
          time(row[5]),
          row[6].is_null() ? std::nullopt : std::make_optional(time(row[6]))};
}
Message message(const pqxx::row& row) {
  return {uuid(row[0]),
          uuid(row[1]),
          row[2].as<std::string>(),
          row[3].as<std::string>(),
          row[4].as<std::string>(),
          time(row[5])};
}
template <class Decode>
auto decoded(const pqxx::result& result, Decode decode) {
  std::vector<decltype(decode(result[0]))> rows;
  rows.reserve(static_cast<std::size_t>(result.size()));
  for (const pqxx::row& row : result) rows.push_back(decode(row));
  return rows;
}

// As pgvector's C++ adapter writes it.
std::string text_of(const std::vector<float>& vector) {
  std::string text = "[";
  char digits[32];
  for (const float value : vector) {
    if (text.size() > 1) text += ',';
    text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
  return text += ']';
}

std::vector<float> vector_of(std::string_view text) {
  std::vector<float> vector;
  for (const char* at = text.data() + 1; at < text.data() + text.size();) {
    float value = 0;
    at = std::from_chars(at, text.data() + text.size(), value).ptr + 1;
    vector.push_back(value);
  }
  return vector;
}

std::unique_ptr<pqxx::connection> connect(const Options& options) {
  auto connection = std::make_unique<pqxx::connection>(options.dsn);
  connection->prepare("W1", "select * from conversations where id = $1 and deleted_at is null");
  connection->prepare("W2",
                      "select * from messages where conversation_id = $1 "
                      "order by created_at desc limit 50");
  connection->prepare("W3",
                      "insert into w_messages (id, conversation_id, role, content, metadata) "
                      "values ($1, $2, $3, $4, $5) returning *");
  connection->prepare("W4c",
                      "insert into w_conversations (id, user_id, title, metadata) "
                      "values ($1, $2, $3, $4)");
  connection->prepare("W4m",
                      "insert into w_messages (id, conversation_id, role, content, metadata) "
                      "values ($1, $2, $3, $4, $5)");
  connection->prepare("W6",
                      "select id, 1 - (embedding <=> $1) as similarity from embeddings "
                      "order by embedding <=> $1 limit 10");
  return connection;
}

pqxx::result ask(pqxx::connection& connection, const char* statement, const pqxx::params& params) {
  pqxx::nontransaction transaction(connection);
  return transaction.exec(pqxx::prepped{statement}, params);
}

pqxx::params new_message(Random& random, const std::string& conversation) {
  static const std::string content = sample_content();
  return pqxx::params{random.uuid().str(), conversation, "user", content, k_sample_metadata};
}

bool add_conversation(pqxx::connection& connection, Random& random) {
  const std::string id = random.uuid().str();
  pqxx::work transaction(connection);
  transaction.exec(pqxx::prepped{"W4c"},
                   pqxx::params{id, "user-1", "A conversation", k_sample_metadata});
  for (int i = 0; i < 10; ++i) transaction.exec(pqxx::prepped{"W4m"}, new_message(random, id));
  transaction.commit();
  return true;
}

void copy(const Options& options) {
  constexpr std::uint64_t rows = 200'000;
  pqxx::connection connection(options.dsn);
  Random random(std::random_device{}());
  const std::string content = sample_content();
  const Timestamp start = loci::now();
  const Stopwatch stopwatch;
  pqxx::work transaction(connection);
  auto stream = pqxx::stream_to::table(
      transaction, {"bulk_messages"},
      {"id", "conversation_id", "role", "content", "metadata", "created_at"});
  for (std::uint64_t i = 0; i < rows; ++i) {
    stream.write_values(random.uuid().str(), random.uuid().str(), "user", content,
                        k_sample_metadata, loci::to_rfc3339(start + std::chrono::microseconds(i)));
  }
  stream.complete();
  transaction.commit();
  print({}, stopwatch.stop(), rows);
}

void measure(const Options& options) {
  if (options.workload == "W5") {
    copy(options);
    return;
  }
  BlockingPool<pqxx::connection> pool;
  for (int i = 0; i < options.pool; ++i) pool.add(connect(options));
  std::vector<std::string> keys;
  std::vector<std::vector<float>> vectors;
  pool.with([&](pqxx::connection& connection) {
    pqxx::nontransaction transaction(connection);
    for (const auto& [id] : transaction.query<std::string>("select id from bench_keys order by n"))
      keys.push_back(id);
    for (const auto& [v] : transaction.query<std::string>("select v from bench_queries order by n"))
      vectors.push_back(vector_of(v));
  });
  // Decoded after the connection is back in the pool.
  const auto rows_of = [&pool](const char* statement, const pqxx::params& params) {
    return pool.with(
        [&](pqxx::connection& connection) { return ask(connection, statement, params); });
  };
  const auto key = [&keys](Random& random) { return keys[random.below(keys.size())]; };
  if (options.workload == "W1") {
    run_threads(options, [&](Random& random) {
      return decoded(rows_of("W1", pqxx::params{key(random)}), conversation).size() == 1;
    });
  } else if (options.workload == "W2") {
    run_threads(options, [&](Random& random) {
      return decoded(rows_of("W2", pqxx::params{key(random)}), message).size() == 50;
    });
  } else if (options.workload == "W3") {
    run_threads(options, [&](Random& random) {
      return decoded(rows_of("W3", new_message(random, key(random))), message).size() == 1;
    });
  } else if (options.workload == "W4") {
    run_threads(options, [&](Random& random) {
      return pool.with(
          [&](pqxx::connection& connection) { return add_conversation(connection, random); });
    });
  } else {
    const auto hit = [](const pqxx::row& row) { return Hit{uuid(row[0]), row[1].as<double>()}; };
    run_threads(options, [&](Random& random) {
      const std::string text = text_of(vectors[random.below(vectors.size())]);
      return decoded(rows_of("W6", pqxx::params{text}), hit).size() == 10;
    });
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Parsed parsed = parse(argc, argv, Extras::none);
  if (parsed.exit_code) return *parsed.exit_code;
  try {
    measure(parsed.options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
