#include "sqlgen/config/config.hpp"

#include <gmock/gmock.h>
#include <loci/base/error.hpp>

#include "sqlgen/scratch_folder.hpp"

namespace loci::sqlgen {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ConfigFile : public testing::Test {
protected:
  ConfigFile() {
    folder_.write("db/1.sql", "");
    folder_.write("q/a.sql", "");
  }
  Config read(const std::string& text) {
    folder_.write(config_name, text);
    return read_config(folder_ / config_name);
  }
  /// Why it is refused, after the file's name.
  std::string refusal(const std::string& text) {
    try {
      (void)read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::configuration);
      const std::string message = error.what();
      const std::string file = (folder_ / config_name).string();
      EXPECT_TRUE(message.starts_with(file)) << message;
      return message.substr(std::min(file.size(), message.size()));
    }
    return "nothing was refused";
  }
  /// A file whose gen.cpp has these lines besides.
  static std::string with(const std::string& cpp) {
    return "version: \"2\"\nsql:\n- engine: postgresql\n  schema: db\n  queries: q\n"
           "  gen:\n    cpp:\n      out: gen\n" +
           cpp;
  }

  ScratchFolder folder_;
};

TEST_F(ConfigFile, SaysWhatToGenerateFromWhatAndWhereTo) {
  const Config config = read(R"(version: 2
overrides:
  go: {rename: {a: b}}
  cpp:
    rename: {id: key, mail: email}
    overrides: [{db_type: uuid, cpp_type: {type: app::Id, include: app/id.hpp, codec: app::IdType}}]
rules:
- name: no-secrets
  message: never
  sql: select true
sql:
- name: shop
  engine: postgresql
  schema: [db/1.sql, db]
  queries: q
  rules: [no-secrets, sqlc/db-prepare]
  vet: {large_tables: [orders, app.lines]}
  gen:
    go: {package: anything, what: ever}
    cpp:
      out: gen/shop
      namespace: shop::sql
      emit_json: true
      emit_interface: yes
      emit_exact_table_names: true
      emit_all_enum_values: true
      query_parameter_limit: 3
      rename: {mail: address}
      overrides:
      - {column: users.id, cpp_type: {type: app::UserId, include: <app/user.hpp>, codec: app::U}, nullable: true}
)");
  ASSERT_THAT(config.sets, SizeIs(1));
  const QuerySet& set = config.sets[0];
  EXPECT_EQ(set.name, "shop");
  EXPECT_THAT(set.schema, ElementsAre(folder_ / "db/1.sql", folder_ / "db"));
  EXPECT_THAT(set.queries, ElementsAre(folder_ / "q"));
  EXPECT_EQ(set.out, folder_ / "gen/shop");
  EXPECT_THAT(set.rules, ElementsAre("no-secrets", "sqlc/db-prepare"));
  EXPECT_THAT(set.large_tables, ElementsAre("orders", "app.lines"));
  EXPECT_EQ(set.emit.name_space, "shop::sql");
  EXPECT_TRUE(set.emit.emit_json && set.emit.emit_interface && set.emit.emit_exact_table_names &&
              set.emit.emit_all_enum_values);
  EXPECT_EQ(set.emit.query_parameter_limit, 3U);
  EXPECT_EQ(set.emit.rename,
            (std::map<std::string, std::string>{{"id", "key"}, {"mail", "address"}}));
  ASSERT_THAT(set.emit.overrides, SizeIs(2));
  EXPECT_EQ(set.emit.overrides[0].column, "users.id");
  EXPECT_EQ(set.emit.overrides[0].header, "<app/user.hpp>");
  EXPECT_EQ(set.emit.overrides[1].db_type, "uuid");
  EXPECT_EQ(set.emit.overrides[1].type, "app::Id");
  EXPECT_EQ(set.emit.overrides[1].codec, "app::IdType");
  EXPECT_EQ(set.emit.overrides[1].header, "\"app/id.hpp\"");
  ASSERT_THAT(config.rules, SizeIs(1));
  EXPECT_EQ(config.rules[0].sql, "select true");
}

TEST_F(ConfigFile, MayBeSqlcsOwnWithAPartForCpp) {
  const Config config = read(R"(version: '2'
cloud: {project: "01HAQMMECEYQYKFJN8MP16QC41"}
plugins: [{name: py, wasm: {url: x, sha256: y}}]
sql:
- {name: other, schema: none.sql, queries: none.sql, engine: mysql, gen: {go: {package: a, out: b}}}
- engine: postgresql
  schema: db
  queries: [q]
  database: {uri: "postgresql://${LOCI_TEST_IS_NEVER_SET}/x"}
  analyzer: {database: false}
  strict_order_by: true
  codegen: [{out: x, plugin: py}]
  gen: {go: {package: a, out: b}, cpp: {out: gen}}
rules:
- {name: costly, message: "Too costly", rule: "postgresql.explain.plan.total_cost > 300.0"}
)");
  ASSERT_THAT(config.sets, SizeIs(1));
  EXPECT_EQ(config.sets[0].emit.name_space, "queries");
  EXPECT_THAT(config.sets[0].database_uri, IsEmpty()) << "the schema's files go first";
}

TEST_F(ConfigFile, WithoutAPartForCppSaysWhatToAdd) {
  const std::string why = refusal(
      "version: \"2\"\nsql:\n- engine: postgresql\n  schema: db\n  queries: q\n"
      "  gen: {go: {package: a, out: b}}\n");
  EXPECT_THAT(why, AllOf(HasSubstr(":3:3: nothing here is for C++"), HasSubstr("cpp:\n"),
                         HasSubstr("out: src/queries")));
}

TEST_F(ConfigFile, NamesTheNearestKeyAndThePlaceOfAnUnknownOne) {
  EXPECT_EQ(refusal(with("      emit_jason: true\n")),
            ":9:7: there is no such key in gen.cpp; the nearest is `emit_json`");
  EXPECT_EQ(refusal("version: \"2\"\nsq: []\n"),
            ":2:1: there is no such key in the file; the nearest is `sql`");
  EXPECT_EQ(refusal("version: \"2\"\nsql:\n- engine: postgresql\n  querys: q\n"),
            ":4:3: there is no such key in sql; the nearest is `queries`");
}

TEST_F(ConfigFile, RefusesWhatDoesNotFit) {
  EXPECT_EQ(refusal(with("      emit_json: maybe\n")), ":9:18: `emit_json` takes true or false");
  EXPECT_EQ(refusal(with("      query_parameter_limit: -1\n")),
            ":9:30: `query_parameter_limit` takes a whole number of 0 or more");
  EXPECT_EQ(refusal(with("      namespace: a::1b\n")),
            ":9:18: `namespace` takes a C++ namespace, such as app::queries");
  EXPECT_EQ(refusal(with("      rename: {a: b-c}\n")),
            ":9:19: `rename` takes names that C++ allows");
  EXPECT_EQ(refusal(with("      overrides: [{cpp_type: {type: a, codec: b}}]\n")),
            ":9:19: an override is for a `db_type` or for a `column`");
  EXPECT_EQ(refusal(with("      out: again\n")), ":9:7: this key is here twice");
  EXPECT_THAT(refusal("version: \"1\"\npackages: []\n"),
              HasSubstr(":1:10: `version` must be \"2\""));
  EXPECT_THAT(refusal("sql: [\n"), HasSubstr("this is not YAML"));
  EXPECT_THAT(refusal(""), HasSubstr("holds no settings"));
}

TEST_F(ConfigFile, RefusesToWriteTwoPartsIntoOneFolder) {
  EXPECT_EQ(
      refusal(with(
          "- engine: postgresql\n  schema: db\n  queries: q\n  gen: {cpp: {out: x/../gen}}\n")),
      ":12:14: `out` is the folder of other queries, whose headers would be removed");
}

TEST_F(ConfigFile, KnowsAFolderWithAndWithoutItsSlash) {
  EXPECT_THAT(refusal(with(
                  "- engine: postgresql\n  schema: db\n  queries: q\n  gen: {cpp: {out: gen/}}\n")),
              HasSubstr("`out` is the folder of other queries"));
}

TEST_F(ConfigFile, TakesPatternsOfPaths) {
  std::string text = with("");
  text.replace(text.find("queries: q"), 10, "queries: \"?/*.sql\"");
  EXPECT_THAT(read(text).sets.at(0).queries, ElementsAre(folder_ / "?/*.sql"));
  text.replace(text.find("?/*"), 3, "q/b");
  EXPECT_THAT(refusal(text), HasSubstr("`queries`: there is no"));
  text.replace(text.find("q/b"), 3, "q/b*");
  EXPECT_THAT(refusal(text), HasSubstr("`queries`: nothing matches"));
}

TEST_F(ConfigFile, TakesSqlcsShapesOfAnOverride) {
  const Config config = read(
      with("      overrides:\n      - {db_type: uuid, cpp_type: \"app::Id\", nullable: false}\n"
           "      - {column: \"*.id\", cpp_type: {type: app::Id, include: app/id.hpp}}\n"));
  const auto& overrides = config.sets.at(0).emit.overrides;
  ASSERT_THAT(overrides, SizeIs(2));
  EXPECT_EQ(overrides[0].type, "app::Id");
  EXPECT_EQ(overrides[0].codec, "app::Id") << "the type is its own codec";
  EXPECT_EQ(overrides[1].codec, "app::Id");
}

TEST_F(ConfigFile, RefusesOtherEngines) {
  std::string text = with("");
  text.replace(text.find("postgresql"), 10, "sqlite");
  EXPECT_THAT(refusal(text), HasSubstr(":3:11: loci-sqlgen works with `engine: postgresql` alone"));
}

TEST_F(ConfigFile, NamesAPathThatIsNotThere) {
  std::string text = with("");
  text.replace(text.find("queries: q"), 10, "queries: [q, nowhere]");
  EXPECT_THAT(refusal(text),
              AllOf(HasSubstr(":5:12: `queries`: there is no"), HasSubstr("nowhere")));
}

TEST_F(ConfigFile, TakesTheAddressOfADatabaseFromTheEnvironmentAndRepeatsNothingOfIt) {
  std::string text = with("");
  text.replace(text.find("schema: db"), 10,
               "database: {uri: \"postgresql://u:${LOCI_TEST_PW}@h/d\"}");
  ::unsetenv("LOCI_TEST_PW");
  EXPECT_THAT(refusal(text),
              AllOf(HasSubstr("${LOCI_TEST_PW}, which is not set"), Not(HasSubstr("@h"))));
  ::setenv("LOCI_TEST_PW", "secret", 1);
  EXPECT_EQ(read(text).sets[0].database_uri, "postgresql://u:secret@h/d");
  ::unsetenv("LOCI_TEST_PW");
}

TEST_F(ConfigFile, IsFoundFromAnyFolderBelow) {
  folder_.write(config_name, "");
  EXPECT_EQ(find_config(folder_ / "db"), folder_ / config_name);
  EXPECT_EQ(find_config("/"), std::nullopt);
}

}  // namespace
}  // namespace loci::sqlgen
