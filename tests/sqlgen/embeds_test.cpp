#include "sqlgen/embeds.hpp"

#include <gmock/gmock.h>
#include <string>

#include "sqlgen/compiler.hpp"
#include "sqlgen/fake_database.hpp"

namespace loci::sqlgen {
namespace {

using testing::HasSubstr;

/// The SQL that a query with embeds becomes, or why it cannot be.
std::string expanded(const std::string& sql) {
  const SourceFile source{"q.sql", "q.sql", "-- name: Q :many\n" + sql};
  Diagnostics diagnostics;
  const auto queries = parse_queries(source, diagnostics);
  RewrittenSql rewritten = rewrite_parameters(source, queries.at(0), diagnostics);
  const auto embeds = Embeds::expand(rewritten, shop_catalog());
  if (!embeds) {
    return source.text.substr(embeds.error().offset, 6) + ": " + embeds.error().message;
  }
  // Whatever was replaced, the end of the statement leads back to the end of the source.
  EXPECT_EQ(rewritten.source_offset(rewritten.sql.size() - 1), source.text.size() - 1) << sql;
  return rewritten.sql;
}

TEST(Embeds, BecomeTheColumnsOfTheTable) {
  EXPECT_EQ(expanded("select 1, sqlc.embed(l) , l.id from order_lines as l where id = @i and true"),
            "select 1, l.id, l.class, l.tags , l.id from order_lines as l where id = $1 and true");
  EXPECT_EQ(expanded("select sqlc.embed(\"B\"), sqlc.embed(r) "
                     "from (order_lines left join shop.boxes \"B\" on true), shop.recent_orders r"),
            "select \"B\".id, r.id "
            "from (order_lines left join shop.boxes \"B\" on true), shop.recent_orders r");
  EXPECT_EQ(expanded("select 1, sqlc.embed(l) as line, l.id from order_lines l"),
            "select 1, l.id, l.class, l.tags, l.id from order_lines l");
  EXPECT_EQ(expanded("delete from boxes b using order_lines l returning sqlc.embed(b), l.id"),
            "delete from boxes b using order_lines l returning b.id, l.id");
}

TEST(Embeds, StandWhereTheirColumnsAreKnown) {
  EXPECT_EQ(expanded("select sqlc.embed(nobody) from boxes"),
            "sqlc.e: sqlc.embed(nobody) names no table or view of this FROM");
  EXPECT_THAT(expanded("with boxes as (select 1) select sqlc.embed(boxes) from boxes"),
              HasSubstr("names no table"));
  EXPECT_THAT(expanded("select sqlc.embed(s) from (select 1) s"), HasSubstr("names no table"));
  EXPECT_THAT(expanded("select sqlc.embed(boxes) from (boxes join order_lines using (id)) j"),
              HasSubstr("names no table"));
  EXPECT_THAT(expanded("select * from (select sqlc.embed(boxes) from boxes) b"),
              HasSubstr("must stand by itself"));
  EXPECT_THAT(expanded("select sqlc.embed(boxes) from boxes union select 1"),
              HasSubstr("must stand by itself"));
  EXPECT_THAT(expanded("select row(sqlc.embed(boxes)) from boxes"),
              HasSubstr("must stand by itself"));
  EXPECT_THAT(expanded("select l.*, sqlc.embed(b), b.* from boxes b, order_lines l"),
              HasSubstr("at most one `*`"));
  EXPECT_THAT(expanded("select sqlc.embed(b) from boxes b group by rollup (id)"),
              HasSubstr("grouping sets"));
  EXPECT_THAT(expanded("select sqlc.embed(b) box from boxes b"), HasSubstr("write AS before"));
  EXPECT_THAT(expanded("select sqlc.embed(b) frm boxes b x"), HasSubstr("syntax error"));
}

/// The query with what the server says of it.
Query placed(const std::string& sql, const std::string& asked, std::vector<bool> null_made) {
  const Catalog catalog = shop_catalog();
  Query query;
  const SourceFile source{"q.sql", "q.sql", "-- name: Q :many\n" + sql};
  Diagnostics diagnostics;
  RewrittenSql rewritten =
      rewrite_parameters(source, parse_queries(source, diagnostics).at(0), diagnostics);
  const auto embeds = Embeds::expand(rewritten, catalog);
  EXPECT_EQ(rewritten.sql, asked);
  const TableFacts& lines = *catalog.table(500);
  query.columns.push_back({.name = "n", .type = 20});
  for (std::size_t i = 0; i < null_made.size(); ++i) {
    const TableColumn& own = lines.columns[i];
    query.columns.push_back({.name = own.name,
                             .type = 20,
                             .nullable = null_made[i],
                             .table = 500,
                             .table_column = own.number});
  }
  embeds.value().place(query, catalog);
  return query;
}

TEST(Embeds, AreNullableAsAWholeWhereANotNullColumnMayBeNull) {
  const std::string sql = "select n.*, sqlc.embed(l) from order_lines l, boxes n";
  const std::string asked = "select n.*, l.id, l.class, l.tags from order_lines l, boxes n";
  const Query whole = placed(sql, asked, {false, true, false});
  ASSERT_EQ(whole.embeds.size(), 1U);
  EXPECT_EQ(whole.embeds[0].first, 1U);
  EXPECT_EQ(whole.embeds[0].count, 3U);
  EXPECT_FALSE(whole.embeds[0].nullable);
  EXPECT_EQ(whole.columns[0].embed, "");
  EXPECT_EQ(whole.columns[3].embed, "l");

  const Query outer = placed(sql, asked, {true, true, true});
  EXPECT_TRUE(outer.embeds[0].nullable);
  EXPECT_EQ(outer.embeds[0].witness, 1U);
}

}  // namespace
}  // namespace loci::sqlgen
