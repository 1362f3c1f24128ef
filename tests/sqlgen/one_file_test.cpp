#include "sqlgen/one_file.hpp"

#include <gtest/gtest.h>
#include <string>

namespace loci::sqlgen {
namespace {

constexpr const char* both =
    "-- The users.\n"
    "create table users (id int);  create index on users (id);\n"
    "\n"
    "-- One of them.\n"
    "-- name: Get :one\n"
    "select 'é;', id\n"
    "  from users;\n"
    "create table notes (id int);\n"
    "/* name: All :many */ select id from notes";

SourceFile file(std::string text) {
  return {"db.sql", "db/db.sql", std::move(text)};
}

TEST(OneFile, OfSchemaAndQueriesIsBoth) {
  EXPECT_EQ(schema_alone(file(both)).text,
            "-- The users.\n"
            "create table users (id int);  create index on users (id);\n"
            "\n"
            "-- One of them.\n"
            "-- name: Get :one\n"
            "               \n"
            "             \n"
            "create table notes (id int);\n"
            "/* name: All :many */                     ");
  EXPECT_EQ(queries_alone(file(both)).text, "-- The users.\n" + std::string(57, ' ') +
                                                "\n"
                                                "\n"
                                                "-- One of them.\n"
                                                "-- name: Get :one\n"
                                                "select 'é;', id\n"
                                                "  from users;\n" +
                                                std::string(28, ' ') +
                                                "\n"
                                                "/* name: All :many */ select id from notes");
}

TEST(OneFile, WithoutTheOtherKindStaysAsItIs) {
  EXPECT_EQ(schema_alone(file("create table t ();")).text, "create table t ();");
  EXPECT_EQ(queries_alone(file("-- name: A :one\nselect 1")).text, "-- name: A :one\nselect 1");
  EXPECT_EQ(queries_alone(file("select 'never closed")).text, "select 'never closed");
}

}  // namespace
}  // namespace loci::sqlgen
