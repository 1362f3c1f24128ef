// loci import | export | embed
#include <loci/base/error.hpp>
#include <loci/base/json_writer.hpp>
#include <loci/transcript/exporter.hpp>
#include <loci/transcript/importer.hpp>
#include <loci/vector/embedding_worker.hpp>

#include <cstdio>
#include <format>
#include <fstream>
#include <memory>

#include "../commands.hpp"
#include "../terminal.hpp"

namespace loci::app {

namespace {

using transcript::ImportSummary;
using transcript::PassedOver;
using transcript::Skip;

struct ImportArguments {
  std::vector<std::string> paths;
  std::string format = "auto";
  std::string user = "me";
  bool no_embed = false;
};

vector::WorkerSummary embed_waiting(Engine& engine, const GlobalOptions& options) {
  ProgressBar bar("embedding", options.quiet || options.json);
  vector::EmbeddingWorker worker(engine.runtime(), engine.storage(), engine.embedder(),
                                 {.on_progress =
                                      [&bar](const vector::WorkerProgress& progress) {
                                        bar.update(progress.done, progress.total, progress.done,
                                                   "messages");
                                      },
                                  .cancelled = interrupted});
  return worker.run(worker.prepare());
}

std::string where(const std::string& file, const std::string& place) {
  if (file.empty() || place.empty()) return printable(file + place);
  return printable(file) + ": " + printable(place);
}

void print_faults(const ImportSummary& summary) {
  constexpr std::size_t most = 100;
  std::size_t printed = 0;
  std::uint64_t left = summary.faults;
  for (const Skip& skip : summary.skips) {
    if (skip.severity != Skip::Severity::fault) continue;
    if (printed++ == most) break;
    left -= skip.count;
    std::fprintf(stderr, "loci: %s: %s\n", where(skip.file, skip.place).c_str(),
                 printable(skip.reason).c_str());
  }
  if (left > 0) {
    std::fprintf(stderr, "loci: ... and %s more; --json lists up to %zu\n",
                 with_thousands(left).c_str(), ImportSummary::most_skips);
  }
}

// A line for each reason; where few files have it, one for each of them.
void print_notes(const ImportSummary& summary) {
  const auto line = [](std::uint64_t count, const std::string& text) {
    std::printf("%-14s %10s %s\n", "", with_thousands(count).c_str(), text.c_str());
  };
  for (const PassedOver& notes : summary.passed_over) {
    if (notes.files > PassedOver::few_files) {
      const PassedOver::InFile& first = notes.first_files.front();
      line(notes.count, std::format("{}, in {} files, first at {}", notes.reason,
                                    with_thousands(notes.files), where(first.file, first.place)));
      continue;
    }
    for (const PassedOver::InFile& in : notes.first_files) {
      line(in.count, std::format("{}, {} {}", notes.reason, in.count > 1 ? "first at" : "at",
                                 where(in.file, in.place)));
    }
  }
}

void print_json(const ImportSummary& summary, const vector::WorkerSummary& embedded,
                double seconds) {
  JsonWriter out;
  out.object().member("conversations").value(summary.conversations);
  out.member("new_conversations").value(summary.new_conversations);
  out.member("erased_conversations").value(summary.erased_conversations);
  out.member("messages").value(summary.messages).member("new_messages").value(summary.new_messages);
  out.member("branches").value(summary.branches).member("tool_calls").value(summary.tool_calls);
  out.member("embedded").value(embedded.embedded).member("embedding_failed").value(embedded.failed);
  out.member("notes").value(summary.notes).member("faults").value(summary.faults);
  out.member("seconds").value(seconds).member("cancelled").value(summary.cancelled);
  out.member("passed_over").array();
  for (const PassedOver& notes : summary.passed_over) {
    const PassedOver::InFile& first = notes.first_files.front();
    out.object().member("reason").value(notes.reason).member("count").value(notes.count);
    out.member("files").value(notes.files);
    out.member("file").value(first.file).member("place").value(first.place).close();
  }
  out.close();
  out.member("skipped").array();
  for (const Skip& skip : summary.skips) {
    out.object()
        .member("severity")
        .value(skip.severity == Skip::Severity::fault ? "fault" : "note");
    out.member("file").value(skip.file).member("place").value(skip.place);
    out.member("reason").value(skip.reason).member("count").value(skip.count).close();
  }
  std::puts(out.close().close().text().c_str());
}

void print_text(const ImportSummary& summary, const vector::WorkerSummary& embedded,
                double seconds) {
  const auto line = [](const char* name, std::uint64_t all, std::uint64_t fresh) {
    std::printf("%-14s %10s read %10s new\n", name, with_thousands(all).c_str(),
                with_thousands(fresh).c_str());
  };
  line("conversations", summary.conversations, summary.new_conversations);
  line("messages", summary.messages, summary.new_messages);
  if (summary.erased_conversations > 0) {
    std::printf("%-14s %10s deleted here before, left so\n", "",
                with_thousands(summary.erased_conversations).c_str());
  }
  std::printf("%-14s %10s\n", "branches", with_thousands(summary.branches).c_str());
  std::printf("%-14s %10s\n", "tool calls", with_thousands(summary.tool_calls).c_str());
  std::printf("%-14s %10s broken %8s passed over\n", "skipped",
              with_thousands(summary.faults).c_str(), with_thousands(summary.notes).c_str());
  print_notes(summary);
  if (embedded.embedded + embedded.failed > 0) {
    std::printf("%-14s %10s\n", "embedded", with_thousands(embedded.embedded).c_str());
  }
  std::printf("%s\n", dim("in " + human_seconds(seconds)).c_str());
}

void report_embedding(const vector::WorkerSummary& embedded) {
  if (embedded.failed == 0) return;
  std::fprintf(stderr, "loci: %s messages could not be embedded and wait in the queue: %s\n",
               with_thousands(embedded.failed).c_str(), printable(embedded.last_error).c_str());
  std::fputs("loci: run `loci embed` to try again\n", stderr);
}

int import(const GlobalOptions& options, const ImportArguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const auto format = transcript::parse_format(arguments.format);
  if (!format) {
    throw CLI::ValidationError("--format",
                               "unknown format \"" + printable(arguments.format) + "\"");
  }
  const std::vector<std::filesystem::path> paths(arguments.paths.begin(), arguments.paths.end());
  for (const auto& path : paths) {
    if (path != "-" && !std::filesystem::exists(path)) {
      throw Error(ErrorKind::io, path.string() + ": no such file or folder");
    }
  }
  Engine engine(options);
  ImportSummary summary;
  {
    ProgressBar bar("importing", options.quiet || options.json);
    transcript::Importer importer(engine.runtime(), engine.storage(),
                                  {.read = {.format = *format},
                                   .user_id = arguments.user,
                                   .on_progress =
                                       [&bar](const transcript::ImportProgress& progress) {
                                         bar.update(progress.bytes_read, progress.bytes_total,
                                                    progress.messages, "messages");
                                       },
                                   .cancelled = interrupted});
    summary = importer.run(paths);
  }
  vector::WorkerSummary embedded;
  if (!arguments.no_embed && !interrupted()) embedded = embed_waiting(engine, options);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (options.json) {
    print_json(summary, embedded, seconds);
  } else {
    print_faults(summary);
    print_text(summary, embedded, seconds);
  }
  report_embedding(embedded);
  if (interrupted()) {
    std::fputs("loci: interrupted; what is complete was kept, the same command goes on from here\n",
               stderr);
    return k_exit_interrupted;
  }
  return summary.faults > 0 ? k_exit_faults : 0;
}

int embed(const GlobalOptions& options) {
  Engine engine(options);
  const vector::WorkerSummary summary = embed_waiting(engine, options);
  if (options.json) {
    JsonWriter out;
    out.object().member("embedded").value(summary.embedded).member("blank").value(summary.blank);
    out.member("failed").value(summary.failed).close();
    std::puts(out.text().c_str());
  } else {
    std::printf("%s messages embedded with %s\n", with_thousands(summary.embedded).c_str(),
                engine.embedder().name().c_str());
  }
  report_embedding(summary);
  if (interrupted()) return k_exit_interrupted;
  return summary.failed > 0 ? k_exit_failed : 0;
}

// Standard output, or a file that appears under its name only when it is whole.
class Output {
public:
  explicit Output(std::string path) : path_(std::move(path)) {
    if (path_.empty()) return;
    file_.open(path_ + ".part", std::ios::binary | std::ios::trunc);
    if (!file_) throw Error(ErrorKind::io, path_ + ": cannot be written");
  }
  void write(std::string_view text) {
    if (path_.empty()) {
      std::fwrite(text.data(), 1, text.size(), stdout);
      if (std::ferror(stdout) != 0) throw Error(ErrorKind::io, "standard output was closed");
    } else if (!file_.write(text.data(), static_cast<std::streamsize>(text.size()))) {
      throw Error(ErrorKind::io, path_ + ": cannot be written");
    }
  }
  void finish() {
    if (path_.empty()) {
      if (std::fflush(stdout) != 0) throw Error(ErrorKind::io, "standard output was closed");
      return;
    }
    file_.close();
    if (!file_) throw Error(ErrorKind::io, path_ + ": cannot be written");
    std::filesystem::rename(path_ + ".part", path_);
  }

private:
  std::string path_;
  std::ofstream file_;
};

void export_all(const GlobalOptions& options, const std::string& conversation,
                const std::string& user, const std::string& path) {
  transcript::ExportOptions wanted;
  if (!conversation.empty()) wanted.conversation = id_argument("--conversation", conversation);
  if (!user.empty()) wanted.user_id = user;
  Engine engine(options);
  Output out(path);
  const auto summary =
      transcript::export_history(engine.runtime(), engine.storage(), wanted,
                                 [&out](std::string_view line) { out.write(line); });
  out.finish();
  if (!options.quiet && !path.empty()) {
    std::fprintf(stderr, "%s conversations, %s messages written to %s\n",
                 with_thousands(summary.conversations).c_str(),
                 with_thousands(summary.messages).c_str(), printable(path).c_str());
  }
}

}  // namespace

void add_import_commands(CLI::App& app, const GlobalOptions& options, int& exit_code) {
  CLI::App* import_command =
      app.add_subcommand("import", "Take over chat histories; again adds only what is new");
  const auto arguments = std::make_shared<ImportArguments>();
  import_command
      ->add_option("PATH", arguments->paths, "Files, folders, zips, or - for standard input")
      ->required();
  import_command->add_option(
      "--format", arguments->format,
      "auto, chatgpt, claude, claude-code, codex, openai, sharegpt, oasst, irc, loci");
  import_command
      ->add_option("--user", arguments->user,
                   "Whose conversations they are, where the file does not say")
      ->capture_default_str();
  import_command->add_flag("--no-embed", arguments->no_embed,
                           "Leave embedding to a later `loci embed`");
  import_command->footer(
      "\nExamples:\n  loci import conversations.json\n  loci import ~/.claude/projects\n"
      "  loci import --format openai - < log.jsonl");
  import_command->callback(
      [&options, &exit_code, arguments] { exit_code = import(options, *arguments); });

  CLI::App* embed_command =
      app.add_subcommand("embed", "Embed the messages that wait in the queue");
  embed_command->callback([&options, &exit_code] { exit_code = embed(options); });

  CLI::App* export_command = app.add_subcommand(
      "export", "Write conversations as JSON lines that `loci import` reads back");
  const auto conversation = std::make_shared<std::string>();
  const auto user = std::make_shared<std::string>();
  const auto path = std::make_shared<std::string>();
  export_command->add_option("--conversation", *conversation, "Only the conversation of this id");
  export_command->add_option("--user", *user, "Only this user's");
  export_command->add_option("-o,--output", *path, "A file instead of standard output");
  export_command->callback(
      [&options, conversation, user, path] { export_all(options, *conversation, *user, *path); });
}

}  // namespace loci::app
