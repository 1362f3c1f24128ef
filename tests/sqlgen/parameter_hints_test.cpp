#include "sqlgen/parameter_hints.hpp"

#include <gmock/gmock.h>
#include <string>
#include <vector>

#include "sqlgen/fake_database.hpp"

namespace loci::sqlgen {
namespace {

using testing::ElementsAre;

/// Names of $1, $2, ... with `?` after what may be NULL, `.` after what has the column's own type.
std::vector<std::string> hinted(const std::string& sql, std::size_t count) {
  Catalog catalog = shop_catalog();
  catalog.argument_names.emplace("ship", std::vector<std::string>{"parcel", "", "fast"});
  const auto tree = ParseTree::parse(sql);
  if (!tree) return {tree.error().message};
  std::vector<std::string> names;
  for (const ParameterHint& hint : parameter_hints(*tree, catalog, count)) {
    names.push_back(hint.name + (hint.table != 0 ? "." : "") + (hint.nullable ? "?" : ""));
  }
  return names;
}

TEST(ParameterHints, NameTheColumnThatIsCompared) {
  EXPECT_THAT(hinted("select 1 from order_lines l where l.id = $1 and $2 = class", 2),
              ElementsAre("id.", "class."));
  EXPECT_THAT(hinted("select 1 from t where a < $1 and b like $2 and c in ($3, 4)", 3),
              ElementsAre("a", "b", "c"));
  EXPECT_THAT(hinted("select 1 from t where d between $1 and $2", 2), ElementsAre("d", "d"));
  EXPECT_THAT(hinted("select 1 from order_lines where id = any($1) and tags @> $2", 2),
              ElementsAre("id", "tags"));
  EXPECT_THAT(hinted("select 1 from t where lower(mail) = lower($1) and n = $2::int", 2),
              ElementsAre("mail", "n"));
  EXPECT_THAT(hinted("select 1 from t where (a, b) > ($1, $2)", 2), ElementsAre("a", "b"));
  EXPECT_THAT(hinted("select coalesce(nick, $1) from t", 1), ElementsAre("nick"));
  EXPECT_THAT(hinted("select 1 from t where exists (select 1 from u where u.x = $1)", 1),
              ElementsAre("x"));
  EXPECT_THAT(hinted("select 1 where $1 = 1 union select 2 from t where a = $2", 2),
              ElementsAre("", "a"));
}

TEST(ParameterHints, AColumnsOwnTypeIsOnlyThatOfAnUncastEquality) {
  EXPECT_THAT(hinted("select 1 from order_lines where id > $1 and class = $2::text", 2),
              ElementsAre("id", "class"));
  EXPECT_THAT(hinted("select 1 from order_lines a, boxes b where id = $1", 1), ElementsAre("id"));
}

TEST(ParameterHints, WhatIsPutIntoANullableColumnMayBeNull) {
  EXPECT_THAT(hinted("insert into order_lines (id, class) values ($1, $2)", 2),
              ElementsAre("id.", "class.?"));
  EXPECT_THAT(hinted("insert into order_lines values ($1, $2, $3)", 3),
              ElementsAre("id.", "class.?", "tags."));
  EXPECT_THAT(hinted("insert into order_lines (id, class) select $1, $2", 2),
              ElementsAre("id.", "class.?"));
  EXPECT_THAT(hinted("update order_lines set class = $2 where id = $1", 2),
              ElementsAre("id.", "class.?"));
  EXPECT_THAT(hinted("update order_lines set (id, class) = ($1, $2)", 2),
              ElementsAre("id.", "class.?"));
  EXPECT_THAT(hinted("insert into order_lines (id) values (1) "
                     "on conflict (id) do update set class = $1",
                     1),
              ElementsAre("class.?"));
}

TEST(ParameterHints, WhatIsUsedElsewhereTooIsNotNull) {
  EXPECT_THAT(hinted("update order_lines set class = $1 where class <> $1", 1),
              ElementsAre("class."));
  EXPECT_THAT(hinted("update order_lines set class = upper($1)", 1), ElementsAre("class"));
}

TEST(ParameterHints, NameArgumentsAndLimits) {
  EXPECT_THAT(hinted("select ship($1, $2, $3), ship(fast => $4), lower($5)", 5),
              ElementsAre("parcel", "ship", "fast", "fast", "lower"));
  EXPECT_THAT(hinted("select 1 limit $1 offset $2::int", 2), ElementsAre("limit", "offset"));
  EXPECT_THAT(hinted("select $1::text as greeting, $2 as \"total!\"", 2),
              ElementsAre("greeting", "total"));
  EXPECT_THAT(hinted("select $1 + 1", 2), ElementsAre("", ""));
}

}  // namespace
}  // namespace loci::sqlgen
