// loci vector, as a script sees it.
#include <gmock/gmock.h>

#include <format>
#include <fstream>
#include <sstream>

#include "app/loci.hpp"

namespace loci::app {
namespace {

using testing::HasSubstr;

// `count` messages with vectors by chance, of the only model.
void fill(const LociOnDatabase& loci, int count) {
  (void)test::first_value(loci.url, "select add_embedding_model('m', 8)");  // as its owner
  for (const std::string& sql :
       {std::string("select add_embedding_model('m', 8)"),
        std::string(
            "insert into conversations (tenant_id, id, user_id) values "
            "('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-0000000000c1', "
            "'ann') returning 1"),
        std::format(
            "with said as (insert into messages (tenant_id, id, conversation_id, seq, role, "
            "content) "
            "select tenant_id, gen_random_uuid(), id, n, 'user', 'a text' "
            "from conversations, generate_series(1, {}) n returning id) select count(*) from said",
            count),
        std::string(
            "with kept as (insert into embeddings (tenant_id, model_id, content_type, content_id, "
            "embedding, content_hash) select m.tenant_id, d.id, 'message', m.id, "
            "(select array_agg(random() - 0.5) from generate_series(1, 8 + 0 * m.seq))::vector, '' "
            "from messages m, embedding_models d returning 1) select count(*) from kept")}) {
    (void)loci.value(sql);
  }
}

TEST(VectorCommand, WithoutAModelSaysHowToMakeOne) {
  const LociOnDatabase loci;
  const ProgramEnd end = loci({"vector", "status"});
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.err, HasSubstr("loci embed"));
  EXPECT_THAT(loci({"vector", "recall", "--model", "nobody"}).err, HasSubstr("\"nobody\""));
}

TEST(VectorCommand, FewVectorsAreComparedOneByOne) {
  const LociOnDatabase loci;
  fill(loci, 30);
  const ProgramEnd end = loci({"vector", "optimize", "--json"});
  ASSERT_EQ(end.code, 0) << end.err;
  EXPECT_EQ(json_of(end).root()["outcome"].string(), "exact");
  EXPECT_THAT(loci({"vector", "status"}).out, HasSubstr("no index"));
  const ProgramEnd recall = loci({"vector", "recall", "--json", "--sample", "5"});
  EXPECT_EQ(json_of(recall).root()["recall"].number(), 1) << recall.out;
}

TEST(VectorCommand, BuildsMeasuresAndRemembersAnIndexOfTheListsThatAreSet) {
  const LociOnDatabase loci;
  fill(loci, 4200);
  const test::ServerFolder place;
  const std::string svg = place.where() / "recall.svg";
  const ProgramEnd end = loci({"--set", "storage.vector.index_lists=33", "vector", "optimize",
                               "--kind", "ivfflat", "--svg", svg, "--json"});
  ASSERT_EQ(end.code, 0) << end.err << end.out;
  const JsonDocument told = json_of(end);
  EXPECT_EQ(told.root()["outcome"].string(), "built");
  EXPECT_THAT(std::string(told.root()["index"]["index"].string_or("")),
              HasSubstr("ivfflat halfvec, 33 lists"));
  EXPECT_EQ(loci.value("select lists from vector_indexes where status = 'serving'"), "33");
  std::stringstream drawn;
  drawn << std::ifstream(svg).rdbuf();
  EXPECT_THAT(drawn.str(), HasSubstr("33 lists</text>"));
  EXPECT_THAT(loci({"vector", "status"}).out, HasSubstr("serving"));
  EXPECT_THAT(loci({"vector", "history"}).out, HasSubstr("built"));
}

}  // namespace
}  // namespace loci::app
