// loci search
#include <loci/base/error.hpp>
#include <loci/base/json_writer.hpp>
#include <loci/vector/search.hpp>

#include <algorithm>
#include <cstdio>
#include <format>
#include <memory>

#include "../commands.hpp"
#include "../terminal.hpp"

namespace loci::app {

namespace {

using vector::SearchHit;
using vector::SearchQuery;

struct SearchArguments {
  std::vector<std::string> words;
  std::string user;
  std::string role;
  std::string since;
  std::string until;
  std::string conversation;
  std::int32_t limit = 10;
  double text_weight = 1.0;
  std::optional<double> vector_weight;
  bool explain = false;
};

struct Outcome {
  std::vector<SearchHit> hits;
  std::vector<std::string> plan;
  std::string model;  // empty: full text alone
  double seconds = 0;
};

std::optional<Timestamp> time_argument(const std::string& name, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto time = parse_timestamp(text);
  if (!time) {
    throw CLI::ValidationError(
        name, "takes a day or a time, such as 2026-03-01 or 2026-03-01T18:30:00Z, not \"" +
                  printable(text) + "\"");
  }
  return time;
}

SearchQuery query_of(const SearchArguments& arguments) {
  SearchQuery query;
  for (const std::string& word : arguments.words)
    query.text += (query.text.empty() ? "" : " ") + word;
  if (!arguments.user.empty()) query.user = arguments.user;
  if (!arguments.role.empty()) query.role = arguments.role;
  query.since = time_argument("--since", arguments.since);
  query.until = time_argument("--until", arguments.until);
  query.limit = arguments.limit;
  query.text_weight = arguments.text_weight;
  if (!arguments.conversation.empty()) {
    query.conversation = id_argument("--conversation", arguments.conversation);
  }
  return query;
}

Outcome run(Engine& engine, const SearchArguments& arguments) {
  SearchQuery query = query_of(arguments);
  query.min_similarity = engine.settings().vector.search_threshold;
  Outcome outcome;
  const auto start = std::chrono::steady_clock::now();
  const auto model = engine.wait(engine.storage().embeddings().active_model());
  if (model && model->name == engine.embedder().name()) {
    const std::vector<std::string> texts{query.text};
    Vector question{engine.embedder().embed(texts).at(0)};
    if (std::ranges::any_of(question.values, [](float value) { return value != 0.0F; })) {
      require_dimensions(question, static_cast<std::size_t>(model->dimensions));
      query.vector = std::move(question);
      query.model_id = model->id;
      query.vector_weight = arguments.vector_weight.value_or(
          engine.embedder().lexical() ? vector::k_lexical_vector_weight : query.vector_weight);
      outcome.model = model->name;
    }
  } else if (model) {
    std::fprintf(
        stderr,
        "loci: the messages are embedded with %s and this program is set to %s: searching by "
        "words alone\n",
        model->name.c_str(), engine.embedder().name().c_str());
  }
  outcome.hits = engine.wait(vector::search(engine.storage(), query));
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (arguments.explain)
    outcome.plan = engine.wait(vector::explain_search(engine.storage(), query));
  return outcome;
}

std::string plain(std::string_view snippet) {
  std::string text(snippet);
  std::erase_if(text, [](char c) { return c == '\x02' || c == '\x03'; });
  return text;
}

// The snippet on one line, its matches in colour.
std::string highlighted(std::string_view snippet) {
  std::string out;
  while (!snippet.empty()) {
    const std::size_t begin = snippet.find('\x02');
    out += printable(snippet.substr(0, begin));
    if (begin == std::string_view::npos) break;
    snippet.remove_prefix(begin + 1);
    const std::size_t end = snippet.find('\x03');
    out += yellow(printable(snippet.substr(0, end)));
    if (end == std::string_view::npos) break;
    snippet.remove_prefix(end + 1);
  }
  return out;
}

std::string arm(std::string_view name, std::optional<std::int32_t> rank,
                std::optional<double> value) {
  if (!rank) return std::format("{}: not among its best", name);
  return std::format("{}: rank {}, {:.4f}", name, *rank, value.value_or(0));
}

void print_text(const Outcome& outcome, bool explain) {
  int number = 0;
  for (const SearchHit& hit : outcome.hits) {
    const std::string title =
        hit.conversation_title.empty() ? "(untitled)" : printable(hit.conversation_title);
    std::printf(
        "%2d. %s  %s\n", ++number, bold(title).c_str(),
        dim(std::format("{}  {}  {:.4f}", local_minute(hit.created_at), hit.role, hit.score))
            .c_str());
    std::printf("    %s\n", highlighted(hit.snippet).c_str());
    if (explain) {
      std::printf("    %s\n", dim(arm("words", hit.text_rank, hit.text_score) + "; " +
                                  arm("vector", hit.vector_rank, hit.similarity))
                                  .c_str());
    }
    std::printf("    %s\n", dim("loci show " + hit.message_id.str()).c_str());
  }
  if (outcome.hits.empty()) std::puts("Nothing found.");
  if (explain) {
    std::printf(
        "\n%s, in %s\n",
        outcome.model.empty() ? "full text alone" : ("full text and " + outcome.model).c_str(),
        human_seconds(outcome.seconds).c_str());
    for (const std::string& line : outcome.plan) std::printf("  %s\n", printable(line).c_str());
  }
}

void print_json(const std::string& text, const Outcome& outcome, bool explain) {
  JsonWriter out;
  out.object().member("query").value(text).member("seconds").value(outcome.seconds);
  out.member("model");
  outcome.model.empty() ? out.null() : out.value(outcome.model);
  out.member("hits").array();
  for (const SearchHit& hit : outcome.hits) {
    out.object().member("message_id").value(hit.message_id.str());
    out.member("conversation_id").value(hit.conversation_id.str());
    out.member("conversation_title").value(hit.conversation_title);
    out.member("role").value(hit.role).member("created_at").value(to_rfc3339(hit.created_at));
    if (hit.source_id) out.member("source_id").value(*hit.source_id);
    out.member("score").value(hit.score).member("snippet").value(plain(hit.snippet));
    if (hit.text_rank) {
      out.member("words").object().member("rank").value(*hit.text_rank);
      out.member("score").value(hit.text_score.value_or(0)).close();
    }
    if (hit.vector_rank) {
      out.member("vector").object().member("rank").value(*hit.vector_rank);
      out.member("similarity").value(hit.similarity.value_or(0)).close();
    }
    out.close();
  }
  out.close();
  if (explain) {
    out.member("plan").array();
    for (const std::string& line : outcome.plan) out.value(line);
    out.close();
  }
  std::puts(out.close().text().c_str());
}

}  // namespace

void add_search_commands(CLI::App& app, const GlobalOptions& options, int& /*exit_code*/) {
  CLI::App* command = app.add_subcommand("search", "Find messages by words and by meaning");
  const auto arguments = std::make_shared<SearchArguments>();
  command->add_option("TEXT", arguments->words, "A question or a few words")->required();
  command->add_option("--user", arguments->user, "Only this user's conversations");
  command->add_option("--role", arguments->role, "Only messages of this role")
      ->check(CLI::IsMember({"user", "assistant", "system", "tool"}));
  command->add_option("--since", arguments->since, "Only messages of this time or later");
  command->add_option("--until", arguments->until, "Only messages before this time");
  command->add_option("--conversation", arguments->conversation,
                      "Only the conversation of this id");
  command->add_option("--limit", arguments->limit, "How many")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--text-weight", arguments->text_weight, "Share of the words in the ranking")
      ->capture_default_str();
  command->add_option(
      "--vector-weight", arguments->vector_weight,
      "Share of the vectors in the ranking (default: 1, or 0.1 for the hashing embedder)");
  command->add_flag("--explain", arguments->explain,
                    "Each arm's rank, and the plan the server used");
  command->footer(
      "\nExamples:\n  loci search \"how did I fix the deadlock\"\n"
      "  loci search --role assistant --since 2026-01-01 certificate renewal");
  command->callback([&options, arguments] {
    const std::string text = query_of(*arguments).text;
    Engine engine(options);
    const Outcome outcome = run(engine, *arguments);
    if (options.json) {
      print_json(text, outcome, arguments->explain);
    } else {
      print_text(outcome, arguments->explain);
    }
  });
}

}  // namespace loci::app
