#include "sqlgen/parameters.hpp"

#include <gmock/gmock.h>

namespace loci::sqlgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Rewritten {
  explicit Rewritten(const std::string& sql) : source{"q.sql", "q.sql", "-- name: Q :one\n" + sql} {
    const std::vector<QueryText> queries = parse_queries(source, diagnostics);
    result = rewrite_parameters(source, queries.at(0), diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) faults.push_back(to_line(diagnostic));
    for (const NamedParameter& parameter : result.parameters) {
      names.push_back(parameter.name + (parameter.nullable ? "?" : ""));
    }
  }
  SourceFile source;
  Diagnostics diagnostics;
  RewrittenSql result;
  std::vector<std::string> faults;
  std::vector<std::string> names;
};

TEST(Parameters, ANameIsOneNumberHoweverItIsWritten) {
  const Rewritten rewritten(
      "select @b, sqlc.arg(a), sqlc . narg ( 'b' ) from t where x=@a and@c and y <@ z and '@d' = "
      "@e;");
  EXPECT_THAT(rewritten.faults, IsEmpty());
  EXPECT_EQ(rewritten.result.sql,
            "select $1, $2, $1 from t where x=$2 and $3 and y <@ z and '@d' = $4");
  EXPECT_THAT(rewritten.names, ElementsAre("b?", "a", "c", "e"));
}

TEST(Parameters, NumberedOnesKeepTheirNumbers) {
  const Rewritten rewritten("select $2, $1, $2");
  EXPECT_EQ(rewritten.result.sql, "select $2, $1, $2");
  EXPECT_THAT(rewritten.names, ElementsAre("arg1", "arg2"));
}

TEST(Parameters, FaultsNameTheirPlace) {
  EXPECT_THAT(Rewritten("select @a, $1").faults,
              ElementsAre(HasSubstr("q.sql:2:12: Q: it mixes $1 and named")));
  EXPECT_THAT(Rewritten("select @ä").faults,
              ElementsAre(HasSubstr("q.sql:2:8: Q: the parameter name `ä`")));
  EXPECT_THAT(Rewritten("select sqlc.list(a)").faults,
              ElementsAre(HasSubstr("q.sql:2:8: Q: sqlc.list is no macro; sqlc.arg")));
  EXPECT_THAT(Rewritten("select sqlc.arg(a, b)").faults,
              ElementsAre(HasSubstr("q.sql:2:8: Q: expected one name")));
  EXPECT_THAT(Rewritten("select $99999999999999999999").faults,
              ElementsAre(HasSubstr("q.sql:2:8: Q: parameters are numbered")));
}

TEST(Parameters, PlacesLeadBackToTheSource) {
  const Rewritten rewritten("select 'ü', @long_name, nonsense");
  ASSERT_EQ(rewritten.result.sql, "select 'ü', $1, nonsense");
  const auto place = [&](int character) {
    return schema::position_at(rewritten.source.text,
                               rewritten.result.source_of_character(character));
  };
  EXPECT_EQ(place(1), (schema::TextPosition{2, 1}));
  EXPECT_EQ(place(13), (schema::TextPosition{2, 13}));
  EXPECT_EQ(place(17), (schema::TextPosition{2, 25}));
}

}  // namespace
}  // namespace loci::sqlgen
