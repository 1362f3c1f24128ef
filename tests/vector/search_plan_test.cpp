#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <format>
#include <loci/vector/search.hpp>
#include <random>

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
    script(
        std::format("create index on embeddings_{} using hnsw ((embedding::vector(16)) "
                    "vector_cosine_ops);"
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
  EXPECT_THAT(plan(query), HasSubstr(std::format("embeddings_{}_embedding_idx", model_id)));
  EXPECT_THAT(plan(query), testing::Not(HasSubstr("0.1,0.1"))) << "a plan repeats no vector";
}

TEST_F(SearchPlans, ANarrowFilterGivesAsManyRowsAsThereAre) {
  SearchQuery query = near(1);
  query.user = "rare";
  query.limit = 100;
  EXPECT_EQ(run(search(storage, query)).size(), static_cast<std::size_t>(k_rare));
}

// The planner would take another way for so few rows; here it has none but the index.
TEST_F(SearchPlans, ANarrowFilterInsideTheIndexScanLosesNothingEither) {
  storage::PostgresOptions only_index = options();
  for (const char* way : {"enable_seqscan", "enable_sort", "enable_bitmapscan"}) {
    only_index.pool.settings[way] = "off";
  }
  storage::PostgresStorage forced(runtime.executor(), only_index);
  SearchQuery query = near(1);
  query.user = "rare";
  query.limit = 10;
  query.depth = 10;
  const auto hits = run(search(forced, query));
  std::string lines;
  for (const std::string& line : run(explain_search(forced, query))) lines += line + "\n";
  EXPECT_THAT(lines, HasSubstr(std::format("embeddings_{}_embedding_idx", model_id)));
  EXPECT_EQ(hits.size(), 10U) << lines;
}

TEST_F(SearchPlans, TheIndexFindsNearlyWhatAFullScanFinds) {
  SearchQuery query = near(1);
  const auto fast = run(search(storage, query));
  script(std::format("drop index embeddings_{}_embedding_idx;", model_id));
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
