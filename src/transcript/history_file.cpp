#include "transcript/history_file.hpp"

#include "transcript/detect.hpp"
#include "transcript/file_sink.hpp"
#include "transcript/irc.hpp"
#include "transcript/zip_archive.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <system_error>

namespace loci::transcript {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string base_name(const std::string& member) {
  return lower(member.substr(member.find_last_of('/') + 1));
}

bool is_json_name(const std::string& name) {
  return name.ends_with(".json") || name.ends_with(".jsonl");
}

// Empty for a pipe, whose bytes can be had only once.
std::string first_bytes(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) return {};
  std::array<char, 64> front{};
  const std::size_t size = open_file(path)->read(front);
  return {front.data(), size};
}

std::string advice(Format forced, std::optional<Format> told) {
  if (forced == Format::automatic || !told || *told == forced) return {};
  return "; the file looks like " + std::string(to_string(*told));
}

// The conversations of an export, or every JSON file when there are none of that name.
std::vector<ZipArchive::Member> histories(const ZipArchive& zip) {
  std::vector<ZipArchive::Member> members = zip.members();
  std::erase_if(members, [](const ZipArchive::Member& member) {
    const std::string base = base_name(member.name);
    return !is_json_name(base) || base.starts_with('.') || member.name.starts_with("__MACOSX/");
  });
  const auto is_conversations = [](const ZipArchive::Member& member) {
    return base_name(member.name).starts_with("conversations");
  };
  if (std::ranges::any_of(members, is_conversations)) {
    std::erase_if(members, [&](const auto& member) { return !is_conversations(member); });
  }
  return members;
}

// Progress counts packed bytes: each unpacked piece stands for its share of the member.
std::optional<Format> read_member(ZipArchive& zip, const ZipArchive::Member& member,
                                  const std::string& name, Format forced, Sink& sink) {
  const double share =
      member.size == 0 ? 0.0
                       : static_cast<double>(member.packed_size) / static_cast<double>(member.size);
  double owed = 0;
  const auto stream = counted(zip.open(member), [&](std::uint64_t bytes) {
    owed += static_cast<double>(bytes) * share;
    const auto whole = static_cast<std::uint64_t>(owed);
    owed -= static_cast<double>(whole);
    sink.progress(whole);
  });
  return read_records(*stream, name, forced, Asked::found, sink);
}

std::string read_zip(const std::filesystem::path& path, Format forced, Asked asked,
                     FileSink& sink) {
  const std::string name = path.string();
  ZipArchive zip(path);
  std::string last_advice;
  for (const ZipArchive::Member& member : histories(zip)) {
    const std::string member_name = name + ':' + member.name;
    try {
      last_advice = advice(forced, read_member(zip, member, member_name, forced, sink));
    } catch (const Error& error) {
      sink.skip({Skip::Severity::fault, member_name, {}, error.what()});
    }
  }
  if (!sink.has_conversations()) {
    const auto severity = asked == Asked::by_name ? Skip::Severity::fault : Skip::Severity::note;
    sink.skip({severity, name, {}, "no conversations in this zip"});
  }
  return last_advice;
}

// Returns what to add when nothing in the file could be read.
std::string read_any(const std::filesystem::path& path, Format forced, Asked asked,
                     FileSink& sink) {
  const std::string front = first_bytes(path);
  if (is_zip(front) || lower(path.extension().string()) == ".zip") {
    return read_zip(path, forced, asked, sink);
  }
  const bool is_irc = is_irc_log(lower(path.filename().string()), front);
  if (forced == Format::irc || (forced == Format::automatic && is_irc)) {
    read_irc(path, sink);
    return {};
  }
  const auto stream = counted(open_file(path), [&](std::uint64_t bytes) { sink.progress(bytes); });
  return advice(forced, read_records(*stream, path.string(), forced, asked, sink));
}

}  // namespace

bool is_history_name(const std::filesystem::path& path) {
  const std::string name = lower(path.filename().string());
  return is_json_name(name) || name.ends_with(".zip") || name.ends_with(".raw.txt");
}

void read_file(const std::filesystem::path& path, Format forced, Asked asked, Sink& sink) {
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  // A pipe has no size; a failure shows again, and better, when the file is opened.
  FileSink file_sink(sink, path.string(),
                     failed ? std::nullopt : std::optional<std::uint64_t>(size));
  std::string last_words;
  try {
    last_words = read_any(path, forced, asked, file_sink);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::io && error.kind() != ErrorKind::invalid_input) throw;
    file_sink.skip({Skip::Severity::fault, path.string(), {}, error.what()});
  }
  file_sink.finish(last_words);
}

}  // namespace loci::transcript
