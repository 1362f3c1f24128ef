#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <format>
#include <loci/vector/search.hpp>
#include <random>

#include "queries/search.hpp"
#include "support/storage_fixture.hpp"

namespace loci::vector {
namespace {

using testing::HasSubstr;

constexpr int k_rows = 4000;
constexpr int k_rare = k_rows / 200;  // 0.5%

// 4,000 messages with vectors of 16 dimensions, one in 200 of them by user "rare".
struct SearchPlans : testing::Test, test::StorageFixture {
  SearchPlans() {
    const auto model = run(storage.embeddings().add_model("m", 16));
    model_id = model.id;
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    for (const auto& [user, rows] :
         {std::pair("common", k_rows - k_rare), std::pair("rare", k_rare)}) {
      std::vector<std::string> all;
      for (int i = 0; i < rows; ++i) all.push_back(std::format("text w{} of many", i));
      const auto conversation = talk(all, user);
      std::vector<storage::NewEmbedding> vectors;
      for (const auto& each : run(storage.messages().after(conversation.id, 0, rows))) {
        storage::NewEmbedding made;
        made.model_id = model.id;
        made.content_id = each.id;
        for (int d = 0; d < 16; ++d) made.embedding.values.push_back(normal(random));
        vectors.push_back(std::move(made));
      }
      run(storage.embeddings().store(std::move(vectors)));
    }
    script(std::format(
        "insert into vector_indexes (model_id, kind, storage, m, ef_construction, effort, status) "
        "values ({0}, 'hnsw', 'vector', 16, 64, 40, 'serving');"
        "create index embeddings_{0}_near_1 on embeddings_{0} using hnsw ((embedding::vector(16)) "
        "vector_cosine_ops) where chunk <> -1;"
        "vacuum analyze;",
        model_id));
  }
  void script(const std::string& sql) {
    for (std::size_t at = 0; at < sql.size();) {
      const std::size_t end = sql.find(';', at);
      StorageFixture::script(sql.substr(at, end - at));
      at = end + 1;
    }
  }
  SearchQuery near(float first) const {
    SearchQuery query;
    query.text = "the";  // a stop word: the vectors alone
    query.vector = Vector{std::vector<float>(16, 0.1F)};
    query.vector->values[0] = first;
    query.model_id = model_id;
    return query;
  }
  std::string plan(SearchQuery query) {
    std::string all;
    for (const std::string& line : run(explain_search(storage, std::move(query))))
      all += line + "\n";
    return all;
  }

  std::int32_t model_id = 0;
};

TEST_F(SearchPlans, WordsAreFoundThroughTheirIndexInSpiteOfRowSecurity) {
  SearchQuery query;
  query.text = "w77";
  EXPECT_THAT(plan(query), HasSubstr("messages_tsv"));
  EXPECT_EQ(run(search(storage, query)).size(), 1U);
}

TEST_F(SearchPlans, VectorsAreFoundThroughTheirIndex) {
  SearchQuery query = near(1);
  query.limit = 5;
  query.depth = 5;
  EXPECT_THAT(plan(query), HasSubstr(std::format("embeddings_{}_near_1", model_id)));
  EXPECT_THAT(plan(query), testing::Not(HasSubstr("0.1,0.1"))) << "a plan repeats no vector";
}

TEST_F(SearchPlans, ANarrowFilterGivesAsManyRowsAsThereAre) {
  SearchQuery query = near(1);
  query.user = "rare";
  query.limit = 100;
  EXPECT_EQ(run(search(storage, query)).size(), static_cast<std::size_t>(k_rare));
}

TEST_F(SearchPlans, AFilterIsSearchedExactly) {
  SearchQuery query = near(1);
  query.user = "rare";
  EXPECT_THAT(plan(query), testing::Not(HasSubstr("_near_")));
}

TEST_F(SearchPlans, TheSettingsOfASearchThroughAnIndexEndWithIt) {
  auto transaction = run(pg::Transaction::begin(storage.pool(), {}, test::soon()));
  queries::ExplainSearch search;
  search.tenant_id = storage.tenant_id();
  search.question = "the";
  search.model_id = model_id;
  search.query_vector = Vector{std::vector<float>(16, 0.1F)};
  search.max_results = 5;
  search.depth = 5;
  search.vector_weight = 1;
  search.fusion_k = 60;
  search.min_similarity = -1;
  std::string lines;
  for (const auto& row : run(transaction.run(search, test::soon()))) lines += row.line + "\n";
  EXPECT_THAT(lines, HasSubstr("_near_1"));
  EXPECT_EQ(run(test::value<pg::type::Text>(transaction, test::query("show enable_sort"))), "on");
  EXPECT_EQ(run(test::value<pg::type::Text>(transaction, test::query("show hnsw.ef_search"))),
            "40");
}

TEST_F(SearchPlans, TheIndexFindsNearlyWhatAFullScanFinds) {
  SearchQuery query = near(1);
  const auto fast = run(search(storage, query));
  script("update vector_indexes set status = 'retired';");
  const auto exact = run(search(storage, query));
  ASSERT_EQ(exact.size(), 10U);
  int both = 0;
  for (const SearchHit& hit : exact) {
    both += std::ranges::contains(fast, hit.message_id, &SearchHit::message_id) ? 1 : 0;
  }
  EXPECT_GE(both, 8);
}

}  // namespace
}  // namespace loci::vector
