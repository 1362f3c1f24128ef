// loci vector status | optimize | recall | history
#include <loci/base/json_writer.hpp>
#include <loci/vector/index_history.hpp>
#include <loci/vector/index_optimizer.hpp>

#include <cstdio>
#include <format>
#include <memory>

#include "../commands.hpp"
#include "../recall_picture.hpp"
#include "../terminal.hpp"

namespace loci::app {

namespace {

using vector::IndexGoal;
using vector::IndexMeasure;
using vector::IndexOptimizer;
using vector::OptimizerOptions;
using vector::VectorIndex;

struct VectorArguments {
  std::string model;
  double target = 0.95;
  std::int32_t results = 10;
  std::int32_t sample = 50;
  std::int32_t limit = 20;
  std::uint64_t max_memory = 0;
  std::int64_t max_build_time = 0;
  std::string kind;
  std::string svg;
};

storage::EmbeddingModel model_of(Engine& engine, const std::string& name) {
  const auto models = engine.wait(engine.storage().embeddings().models());
  for (const auto& each : models) {
    if (each.name == name) return each;
  }
  if (!name.empty()) {
    throw CLI::ValidationError("--model",
                               "there is no embedding model \"" + printable(name) + "\"");
  }
  if (const auto active = engine.wait(engine.storage().embeddings().active_model())) return *active;
  throw CLI::ValidationError("--model", "there is no embedding model yet: `loci embed` makes one");
}

OptimizerOptions with_progress(ProgressBar& bar) {
  OptimizerOptions options;
  options.cancelled = interrupted;
  options.on_progress = [&bar](const vector::IndexProgress& progress) {
    bar.update(progress.done, progress.total, progress.done, progress.step);
  };
  return options;
}

void write_index(JsonWriter& out, const VectorIndex& index) {
  out.object().member("id").value(index.id).member("name").value(index.name);
  out.member("index").value(describe(index.config)).member("status").value(index.status);
  out.member("effort").value(index.config.effort);
  out.member("bytes").value(index.bytes.value_or(0));
  if (index.rows_at_build) out.member("rows_at_build").value(*index.rows_at_build);
  if (index.build_seconds) out.member("build_seconds").value(*index.build_seconds);
  if (index.recall) out.member("recall").value(*index.recall);
  if (index.measured_at) out.member("measured_at").value(to_rfc3339(*index.measured_at));
  out.close();
}

void write_measure(JsonWriter& out, const IndexMeasure& measure) {
  out.object().member("index_id").value(measure.index_id).member("effort").value(measure.effort);
  out.member("recall").value(measure.estimate.recall);
  out.member("low").value(measure.estimate.low).member("high").value(measure.estimate.high);
  out.member("queries").value(measure.estimate.queries);
  out.member("search_ms").value(measure.search_ms).member("exact_ms").value(measure.exact_ms);
  out.close();
}

std::string in_words(const IndexMeasure& measure) {
  if (measure.index_id == 0) {
    return std::format("no index: every search compares all vectors, in {:.2f} ms",
                       measure.exact_ms);
  }
  return std::format(
      "effort {}: recall {:.3f} ({:.3f} to {:.3f}, {} queries), {:.2f} ms; exactly {:.2f} ms",
      measure.effort, measure.estimate.recall, measure.estimate.low, measure.estimate.high,
      measure.estimate.queries, measure.search_ms, measure.exact_ms);
}

void status(Engine& engine, const VectorArguments& arguments, bool json) {
  const auto model = model_of(engine, arguments.model);
  IndexOptimizer optimizer(engine.storage());
  const auto indexes = engine.wait(optimizer.indexes(model.id));
  const auto seen = engine.wait(optimizer.analyze_distribution(model.id));
  if (json) {
    JsonWriter out;
    out.object().member("model").value(model.name).member("dimensions").value(model.dimensions);
    out.member("indexes").array();
    for (const VectorIndex& each : indexes) write_index(out, each);
    out.close().member("sample").object().member("count").value(seen.count);
    out.member("mean_norm").value(seen.mean_norm).member("duplicates").value(seen.duplicates);
    out.member("clusters").value(seen.clusters).member("cohesion").value(seen.cohesion).close();
    std::puts(out.close().text().c_str());
    return;
  }
  std::printf("%s  %d dimensions\n", bold(printable(model.name)).c_str(), model.dimensions);
  for (const VectorIndex& each : indexes) {
    std::printf("  %-8s %s, effort %d, %s%s\n", each.status.c_str(), describe(each.config).c_str(),
                each.config.effort,
                human_bytes(static_cast<std::uint64_t>(each.bytes.value_or(0))).c_str(),
                each.recall ? std::format(", recall {:.3f}", *each.recall).c_str() : "");
  }
  if (indexes.empty()) {
    std::puts("  no index: every search compares all vectors of its scope");
  }
  std::printf(
      "  %s\n",
      dim(std::format(
              "a sample of {}: lengths {:.2f} to {:.2f}, {:.0f}% duplicates, about {:.0f} clusters",
              seen.count, seen.least_norm, seen.greatest_norm, 100 * seen.duplicates,
              seen.clusters))
          .c_str());
}

void optimize(Engine& engine, const VectorArguments& arguments, const GlobalOptions& options,
              int& exit_code) {
  const auto model = model_of(engine, arguments.model);
  IndexGoal goal{.target_recall = arguments.target,
                 .results = arguments.results,
                 .max_memory = arguments.max_memory,
                 .max_build_time = std::chrono::seconds(arguments.max_build_time),
                 .kind = vector::index_kind(arguments.kind),
                 .lists = engine.settings().vector.index_lists};
  ProgressBar bar("Index", options.quiet);
  IndexOptimizer optimizer(engine.storage(), with_progress(bar));
  const auto report = engine.wait(optimizer.optimize_index(model.id, goal));
  if (report.outcome == vector::IndexOutcome::missed) exit_code = k_exit_failed;
  if (!arguments.svg.empty()) write_picture(arguments.svg, report.trials);
  if (options.json) {
    JsonWriter out;
    out.object().member("outcome").value(to_string(report.outcome));
    out.member("reason").value(report.reason);
    out.member("index");
    report.index ? write_index(out, *report.index) : (void)out.null();
    out.member("measure");
    report.measure ? write_measure(out, *report.measure) : (void)out.null();
    out.member("trials").array();
    for (const auto& trial : report.trials) {
      out.object().member("index").value(describe(trial.config));
      out.member("effort").value(trial.config.effort).member("recall").value(trial.recall);
      out.member("search_us")
          .value(trial.search_us)
          .member("build_us")
          .value(trial.build_us)
          .close();
    }
    out.close();
    std::puts(out.close().text().c_str());
    return;
  }
  std::printf("%s: %s\n", std::string(to_string(report.outcome)).c_str(), report.reason.c_str());
  if (!report.trials.empty() && !options.quiet) {
    std::fputs(picture(report.trials, terminal_width()).c_str(), stdout);
  }
}

void recall(Engine& engine, const VectorArguments& arguments, const GlobalOptions& options) {
  const auto model = model_of(engine, arguments.model);
  ProgressBar bar("Recall", options.quiet);
  IndexOptimizer optimizer(engine.storage(), with_progress(bar));
  const auto measure =
      engine.wait(optimizer.measure_recall(model.id, arguments.results, arguments.sample));
  if (options.json) {
    JsonWriter out;
    write_measure(out, measure);
    std::puts(out.text().c_str());
  } else {
    std::puts(in_words(measure).c_str());
  }
}

void history(Engine& engine, const VectorArguments& arguments, bool json) {
  const auto model = model_of(engine, arguments.model);
  const auto decisions =
      engine.wait(vector::index_history(engine.storage(), model.id, arguments.limit));
  JsonWriter out;
  out.array();
  for (const auto& each : decisions) {
    out.object().member("action").value(each.action).member("reason").value(each.reason);
    out.member("decided_at").value(to_rfc3339(each.decided_at)).close();
    if (!json) {
      std::printf("%s  %-8s %s\n", dim(local_minute(each.decided_at)).c_str(), each.action.c_str(),
                  printable(each.reason).c_str());
    }
  }
  if (json) std::puts(out.close().text().c_str());
  if (!json && decisions.empty())
    std::puts("Nothing was decided about the index of this model yet.");
}

}  // namespace

void add_vector_commands(CLI::App& app, const GlobalOptions& options, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("vector", "The index that finds what is near: state, measuring, building");
  command->require_subcommand(1);
  const auto arguments = std::make_shared<VectorArguments>();
  const auto add = [&](const char* name, const char* what) {
    CLI::App* made = command->add_subcommand(name, what);
    made->add_option("--model", arguments->model,
                     "Which embedding model (default: the active one)");
    return made;
  };
  CLI::App* state = add("status", "What serves, and what the vectors are like");
  state->callback([&options, arguments] {
    Engine engine(options);
    status(engine, *arguments, options.json);
  });

  CLI::App* build =
      add("optimize", "Try settings, build the best index beside the old one, measure, switch");
  build->add_option("--target", arguments->target, "The share of the truly nearest to find")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 0.999));
  build->add_option("--results", arguments->results, "Of how many nearest")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  build->add_option("--max-memory", arguments->max_memory, "Of the index, as 500MB")
      ->transform(CLI::AsSizeValue(false));
  build->add_option("--max-build-time", arguments->max_build_time, "In seconds")
      ->check(CLI::NonNegativeNumber);
  build
      ->add_option("--kind", arguments->kind,
                   "Only this kind of index; ivfflat takes storage.vector.index_lists")
      ->check(CLI::IsMember({"hnsw", "ivfflat"}));
  build->add_option("--svg", arguments->svg,
                    "Write the picture of all trials, recall against time, to this file");
  build->footer(
      "\nSearches go on meanwhile. The old index serves until the new one is measured; Ctrl-C "
      "leaves\n"
      "everything as it was. Exit code 1: nothing that was built reaches the target.\n\n"
      "Example:\n  loci vector optimize --target 0.975 --svg recall.svg");
  build->callback([&options, &exit_code, arguments] {
    Engine engine(options);
    optimize(engine, *arguments, options, exit_code);
  });

  CLI::App* measure = add("recall", "Measure what part of the truly nearest a search finds");
  measure->add_option("--results", arguments->results, "Of how many nearest")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  measure->add_option("--sample", arguments->sample, "Queries, made of stored vectors")
      ->capture_default_str()
      ->check(CLI::Range(1, 2000));
  measure->callback([&options, arguments] {
    Engine engine(options);
    recall(engine, *arguments, options);
  });

  CLI::App* past = add("history", "What was decided about the index, and why");
  past->add_option("--limit", arguments->limit, "How many")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  past->callback([&options, arguments] {
    Engine engine(options);
    history(engine, *arguments, options.json);
  });
}

}  // namespace loci::app
