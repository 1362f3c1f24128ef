#pragma once
#include <loci/pg/types.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "pg/ask.hpp"

namespace loci::test {

/// Sends values to a real server and brings them back; its own text output is the judge.
struct TypesFixture : testing::Test {
  // What comes back of a value that went to the server as `sql_type`.
  template <class Type>
  typename Type::Value echo(const typename Type::Value& sent, const std::string& sql_type) {
    const std::string sql = "select $1::" + sql_type;
    return db.run(value<Type>(db.pool, query<Type>(sql, sent)));
  }
  // The server's own text for a value that was sent in binary.
  template <class Type>
  std::string text_of(const typename Type::Value& sent, const std::string& sql_type) {
    const std::string sql = "select ($1::" + sql_type + ")::text";
    return db.run(value<pg::type::Text>(db.pool, query<Type>(sql, sent)));
  }
  // The server's own text for each of many values.
  template <class Type>
  std::vector<std::string> texts_of(const std::vector<typename Type::Value>& sent,
                                    const std::string& sql_type) {
    const std::string sql = "select $1::" + sql_type + "[]::text[]";
    return db.run(
        value<pg::type::Array<pg::type::Text>>(db.pool, query<pg::type::Array<Type>>(sql, sent)));
  }
  template <class Type>
  typename Type::Value read(const std::string& expression) {
    const std::string sql = "select " + expression;
    return db.run(value<Type>(db.pool, query(sql)));
  }
  template <class Type>
  void expect_echo(const std::vector<typename Type::Value>& values, const std::string& sql_type) {
    for (const typename Type::Value& each : values)
      EXPECT_EQ(echo<Type>(each, sql_type), each) << sql_type;
  }
  // The value goes there and comes back, and is `text` to the server.
  template <class Type>
  void expect_text(const typename Type::Value& sent, const std::string& sql_type,
                   const std::string& text) {
    EXPECT_EQ(text_of<Type>(sent, sql_type), text);
    EXPECT_EQ(echo<Type>(sent, sql_type), sent) << text;
    EXPECT_EQ(read<Type>("'" + text + "'::" + sql_type), sent) << text;
  }

  static void SetUpTestSuite() { shared = std::make_unique<Database>(); }
  static void TearDownTestSuite() { shared.reset(); }
  static inline std::unique_ptr<Database> shared;
  Database& db = *shared;
};

/// How encode() refuses a value.
template <class Type>
[[nodiscard]] ErrorKind refusal_of(const typename Type::Value& sent) {
  return error_of([&] {
           pg::Encoder out;
           Type::encode(out, sent);
           return 0;
         })
      .kind();
}

}  // namespace loci::test
