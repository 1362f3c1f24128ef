// What does a search cost through the index that IndexOptimizer chooses, beside every index of a
// grid and the exact scan? README.md has the answer.
//
//   vector_bench [DATA] [glove100|fiori|windows] [TARGET] [choice|grid|filters]
//     default: ../shared/data glove100 0.95 choice
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/runtime.hpp>
#include <loci/vector/index_optimizer.hpp>
#include <loci/vector/vector_store.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <format>
#include <functional>

#include "pg/ask.hpp"
#include "pg/embedded/sql.hpp"
#include "queries/vectors.hpp"
#include "timed_programs.hpp"
#include "vector/index_builder.hpp"
#include "vector_data.hpp"

namespace {

using namespace loci::vector;
using loci::Deadline;
using loci::Uuid;
using loci::Vector;
using loci::storage::PostgresStorage;

constexpr std::size_t k_queries = 200;
constexpr std::int32_t k_results = 10;

Deadline patience() {
  return Deadline::after(std::chrono::minutes(10));
}

// What asking all queries once came to.
struct Figures {
  double recall = 0;
  double cpu_us = 0;  // of the server, a query
  bool indexed = false;
};

class Bench {
public:
  Bench(const loci::bench::Place& place, loci::bench::VectorData data)
      : server_(loci::pg::EmbeddedServer::open({.data_dir = place.path / "data"})),
        queries_(std::move(data.queries)),
        storage_(runtime_.executor(), options(8)),
        searching_(runtime_.executor(), options(1)) {
    runtime_.wait(storage_.connect(patience()));
    store(std::move(data.stored));
    backend_ = runtime_.wait(loci::test::value<loci::pg::type::Int4>(
        searching_.pool(), loci::test::query("select pg_backend_pid()")));
    truths_ = exact({});
  }

  using Narrow = std::function<void(SimilarQuery&)>;

  // Exactly, what all that are like the queries are.
  std::vector<std::vector<double>> exact(const Narrow& narrow) {
    std::vector<std::vector<double>> all;
    exact_ = ask(Way::exact, 0, 0, narrow, &all);
    return all;
  }
  Figures ask(Way way, std::int32_t index, std::int32_t effort, const Narrow& narrow = {},
              std::vector<std::vector<double>>* keep = nullptr) {
    VectorStore store(searching_);
    Figures figures;
    (void)ask_one(store, queries_.front(), way, index, effort, narrow);
    const double before = cpu_us();
    std::vector<std::vector<double>> found;
    for (const Vector& each : queries_) {
      const SimilarResult result = ask_one(store, each, way, index, effort, narrow);
      found.emplace_back();
      for (const SimilarHit& hit : result.hits) found.back().push_back(hit.similarity);
      figures.indexed = result.index.has_value();
    }
    figures.cpu_us = (cpu_us() - before) / static_cast<double>(queries_.size());
    for (std::size_t i = 0; i < found.size() && !truths_.empty(); ++i) {
      figures.recall += share_found(truths_[i], found[i]) / static_cast<double>(found.size());
    }
    if (keep) *keep = std::move(found);
    return figures;
  }
  void grid(double target) {
    std::printf("exact: %.0f us of the server a query\n", exact_.cpu_us);
    double cheapest = 0;
    for (const auto& [storage, m, ef] : {std::tuple(IndexStorage::halfvec, 8, 64),
                                         {IndexStorage::halfvec, 12, 64},
                                         {IndexStorage::halfvec, 16, 64},
                                         {IndexStorage::halfvec, 16, 128},
                                         {IndexStorage::halfvec, 24, 128},
                                         {IndexStorage::halfvec, 32, 200},
                                         {IndexStorage::vector, 16, 64}}) {
      IndexConfig config{.storage = storage, .m = m, .ef_construction = ef};
      const std::int32_t index = build(config);
      const auto [effort, figures] = least(index, config, target);
      const double bytes = static_cast<double>(size_of(index));
      std::printf("%-45s effort %4d recall %.3f %6.0f us, %4.0f times less; %5.1f MB\n",
                  describe(config).c_str(), effort, figures.recall, figures.cpu_us,
                  exact_.cpu_us / figures.cpu_us, bytes / 1e6);
      std::fflush(stdout);
      if (figures.recall >= target && (cheapest == 0 || figures.cpu_us < cheapest)) {
        cheapest = figures.cpu_us;
      }
      drop_tried();
    }
    const Figures chosen = choice(target);
    std::printf("the choice costs %.2f times the cheapest\n", chosen.cpu_us / cheapest);
  }
  // What optimize_index() makes of it.
  Figures choice(double target) {
    IndexOptimizer optimizer(storage_);
    const auto start = std::chrono::steady_clock::now();
    const OptimizeReport report =
        runtime_.wait(optimizer.optimize_index(model_id_, {.target_recall = target}));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    for (const Trial& trial : report.trials) {
      if (trial.recall >= target - 0.02 && trial.recall <= target + 0.02) {
        std::printf("  tried %-45s effort %4d recall %.3f %6.0f us, build %.0f us a row\n",
                    describe(trial.config).c_str(), trial.config.effort, trial.recall,
                    trial.search_us, trial.build_us);
      }
    }
    std::printf("optimize_index, %.0f s: %s\n", took.count(), report.reason.c_str());
    const Figures figures = ask(Way::automatic, 0, 0);
    std::printf(
        "held-out queries: recall %.3f, %.0f us of the server, %.0f times less than exact%s\n",
        figures.recall, figures.cpu_us, exact_.cpu_us / figures.cpu_us,
        figures.indexed ? "" : " (exactly)");
    return figures;
  }
  void filters(double target) {
    (void)choice(target);
    for (const char* share : {"0.1", "0.5", "1", "10", "30"}) {
      const Narrow narrow = [&](SimilarQuery& query) {
        query.metadata = loci::JsonText{std::format(R"({{"p{}":true}})", share)};
      };
      truths_.clear();
      truths_ = exact(narrow);
      const Figures index = ask(Way::index, 0, 0, narrow);
      const Figures chosen = ask(Way::automatic, 0, 0, narrow);
      std::printf(
          "filter that keeps %4s%%: exact %6.0f us; index %6.0f us, recall %.3f; chosen %6.0f us, "
          "recall %.3f, %s\n",
          share, exact_.cpu_us, index.cpu_us, index.recall, chosen.cpu_us, chosen.recall,
          chosen.indexed ? "index" : "exact");
    }
  }

private:
  loci::storage::PostgresOptions options(int connections) {
    loci::storage::PostgresOptions made;
    made.pool.conninfo = server_.dsn();
    made.pool.max_connections = connections;
    if (connections == 1) made.pool.shared_connections = 0;
    made.pool.statement_timeout = std::chrono::minutes(10);
    made.pool.observe.slow_query_log = false;
    made.auto_migrate = true;
    return made;
  }
  void store(std::vector<Vector> vectors) {
    const auto dimensions = static_cast<std::int32_t>(vectors.front().values.size());
    model_id_ = runtime_.wait(storage_.embeddings().add_model("bench", dimensions)).id;
    const auto conversation =
        runtime_.wait(storage_.conversations().create({.user_id = "ann"}, patience()));
    VectorStore store(storage_);
    std::mt19937 random(3);
    for (std::size_t at = 0; at < vectors.size(); at += 1000) {
      const std::size_t count = std::min<std::size_t>(1000, vectors.size() - at);
      std::vector<loci::storage::NewMessage> messages(count);
      for (auto& each : messages) {
        each.role = "user";
        each.content = "a text";
      }
      const auto stored = runtime_.wait(
          storage_.messages().append(conversation.id, std::move(messages), patience()));
      std::vector<loci::storage::NewEmbedding> made(count);
      for (std::size_t i = 0; i < count; ++i) {
        made[i].model_id = model_id_;
        made[i].content_id = stored[i].id;
        made[i].embedding = std::move(vectors[at + i]);
        std::string metadata = "{\"all\":true";
        for (const auto& [name, share] : {std::pair("p0.1", 0.001),
                                          {"p0.5", 0.005},
                                          {"p1", 0.01},
                                          {"p10", 0.1},
                                          {"p30", 0.3}}) {
          if (std::uniform_real_distribution<double>()(random) < share) {
            metadata += std::format(",\"{}\":true", name);
          }
        }
        made[i].metadata = loci::JsonText{metadata + "}"};
      }
      runtime_.wait(store.store_batch(std::move(made), patience()));
    }
    (void)loci::pg::embedded::run_statement(server_.admin_dsn("loci"), "vacuum analyze");
  }
  SimilarResult ask_one(VectorStore& store, const Vector& vector, Way way, std::int32_t index,
                        std::int32_t effort, const Narrow& narrow) {
    SimilarQuery query;
    query.model_id = model_id_;
    query.vector = vector;
    query.limit = k_results;
    query.content_type = "message";
    query.way = way;
    if (index > 0) query.index = index;
    if (effort > 0) query.effort = effort;
    if (narrow) narrow(query);
    return runtime_.wait(store.search_similar(std::move(query), patience()));
  }
  std::pair<std::int32_t, Figures> least(std::int32_t index, const IndexConfig& config,
                                         double target) {
    const auto efforts = efforts_to_try(config);
    std::pair<std::int32_t, Figures> best;
    std::size_t low = 0;
    std::size_t high = efforts.size() - 1;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (ask(Way::index, index, efforts[middle]).recall >= target) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return {efforts[low], ask(Way::index, index, efforts[low])};
  }
  std::int32_t build(const IndexConfig& config) { return runtime_.wait(build_it(config)); }
  loci::storage::Task<std::int32_t> build_it(IndexConfig config) {
    IndexSession session = co_await IndexSession::open(storage_, model_id_);
    co_return co_await build_index(storage_, session, {}, model_id_, config, 1ULL << 30U, 0);
  }
  void drop_tried() { (void)runtime_.wait(IndexOptimizer(storage_).clean_up(model_id_)); }
  std::int64_t size_of(std::int32_t id) {
    for (const VectorIndex& each : runtime_.wait(IndexOptimizer(storage_).indexes(model_id_))) {
      if (each.id == id) return each.bytes.value_or(0);
    }
    return 0;
  }
  double cpu_us() const {
    std::ifstream in(std::format("/proc/{}/schedstat", backend_));
    double ns = 0;
    in >> ns;
    return ns / 1000;
  }

  loci::pg::EmbeddedServer server_;
  std::vector<Vector> queries_;
  loci::Runtime runtime_;
  PostgresStorage storage_;
  PostgresStorage searching_;
  std::int32_t model_id_ = 0;
  std::int32_t backend_ = 0;
  std::vector<std::vector<double>> truths_;
  Figures exact_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::filesystem::path data = argc > 1 ? argv[1] : "../shared/data";
    const std::string set = argc > 2 ? argv[2] : "glove100";
    const double target = argc > 3 ? std::atof(argv[3]) : 0.95;
    const std::string mode = argc > 4 ? argv[4] : "choice";
    if (!std::filesystem::exists(data)) {
      std::printf("vector_bench: skipped, there is no %s\n", data.c_str());
      return 0;
    }
    const loci::bench::Place place;
    Bench bench(place, loci::bench::load_vectors(data, set, k_queries));
    if (mode == "filters") {
      bench.filters(target);
    } else if (mode == "grid") {
      bench.grid(target);
    } else {
      (void)bench.choice(target);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vector_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
