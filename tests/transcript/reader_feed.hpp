#pragma once
#include "support/recording_sink.hpp"
#include "transcript/format_reader.hpp"

#include <loci/base/error.hpp>
#include <loci/base/json.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace loci::transcript {

using MakeReader = std::function<std::unique_ptr<FormatReader>(Sink&)>;
using Lines = std::vector<std::string>;

/// Gives each line that is JSON to a reader as a record, then ends the file.
inline void feed(const MakeReader& make, const Lines& lines, Sink& sink) {
  const auto reader = make(sink);
  std::size_t number = 0;
  for (const std::string& line : lines) {
    ++number;
    std::optional<JsonDocument> document;
    try {
      document = JsonDocument::parse(line);
    } catch (const Error&) {
      continue;
    }
    reader->record(document->root(), {"session.jsonl", "line " + std::to_string(number)});
  }
  reader->finish({"session.jsonl", ""});
}

inline Lines lines_of(const std::filesystem::path& file) {
  Lines lines;
  std::ifstream in(file, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

/// Changes records at random, but in a way that a seed repeats: values of any kind where others
/// stood, bytes, lines that are gone, doubled or moved.
class RecordMutator {
public:
  explicit RecordMutator(std::uint32_t seed) : random_(seed) {}

  Lines mutate(Lines lines) {
    for (int change = pick(6); change >= 0 && !lines.empty(); --change) {
      const std::size_t at = index(lines.size());
      switch (pick(8)) {
        case 0:
          lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
          break;
        case 1:
          lines.insert(lines.begin(), lines[at]);
          break;
        case 2:
          std::swap(lines[at], lines[index(lines.size())]);
          break;
        case 3:
          replace_byte(lines[at]);
          break;
        default:
          replace_value(lines[at]);
      }
    }
    return lines;
  }

private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  std::size_t index(std::size_t size) { return static_cast<std::size_t>(random_()) % size; }

  void replace_byte(std::string& line) {
    if (!line.empty()) line[index(line.size())] = static_cast<char>(pick(256));
  }

  // Puts another value in the place of one somewhere inside the record.
  void replace_value(std::string& line) {
    constexpr std::array<std::string_view, 14> values{"null",
                                                      "true",
                                                      "0",
                                                      "-1e308",
                                                      "12345678901234567890",
                                                      "\"\"",
                                                      "\"a\\u0000b\\ud800\"",
                                                      "[]",
                                                      "[[[]]]",
                                                      "{}",
                                                      "[null,7,\"x\",{}]",
                                                      "{\"type\":\"text\",\"text\":7}",
                                                      "\"assistant\"",
                                                      "\"00000000-0000-0000-0000-000000000001\""};
    try {
      const JsonDocument document = JsonDocument::parse(line);
      std::vector<std::string_view> found;
      collect(document.root(), found);
      const std::string_view chosen = found[index(found.size())];
      const std::string_view whole = document.root().raw();
      const auto at = static_cast<std::size_t>(chosen.data() - whole.data());
      std::string changed(whole);
      changed.replace(at, chosen.size(), values[index(values.size())]);
      line = std::move(changed);
    } catch (const Error&) {
      replace_byte(line);
    }
  }

  static void collect(const Json& value, std::vector<std::string_view>& found) {
    found.push_back(value.raw());
    for (const Json inner : value) collect(inner, found);
  }

  std::mt19937 random_;
};

/// Reads many mutations of a fixture; RecordingSink fails the test where its contract is broken.
inline void expect_survives_mutations(const MakeReader& make, const Lines& fixture) {
  for (std::uint32_t seed = 0; seed < 3000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RecordingSink sink;
    EXPECT_NO_THROW(feed(make, RecordMutator(seed).mutate(fixture), sink));
  }
}

}  // namespace loci::transcript
