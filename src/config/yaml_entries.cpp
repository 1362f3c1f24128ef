#include "config/yaml_entries.hpp"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>
#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <utility>

namespace loci::config {

namespace {

constexpr std::size_t k_deepest = 8;
constexpr std::size_t k_most_faults = 100;

struct Enough {};  // thrown to end the reading

Place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {.line = mark.line + 1, .column = mark.column + 1};
}

class EntryWriter final : public YAML::EventHandler {
public:
  explicit EntryWriter(YamlEntries& out) : out_(out) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) fault(mark, "a settings file is one document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check(mark, "", anchor);
    if (open_.empty() || open_.back().kind == Open::Kind::skipped) return;
    if (wants_key()) {
      take_key(mark, nullptr);
    } else if (open_.back().kind == Open::Kind::list) {
      fault(mark, "a list holds plain values");
    } else {
      add(mark, YamlEntry::Kind::null);
    }
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    fault(mark, "a settings file has no aliases");
    if (open_.empty()) return;
    wants_key() ? take_key(mark, nullptr) : end_value();
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check(mark, tag, anchor);
    if (open_.empty()) {
      fault(mark, "a settings file is a map of sections");
    } else if (open_.back().kind == Open::Kind::skipped) {
      return;
    } else if (wants_key()) {
      take_key(mark, &value);
    } else if (open_.back().kind == Open::Kind::list) {
      if (YamlEntry* list = list_entry()) list->values.push_back(value);
    } else if (YamlEntry* added = add(mark, YamlEntry::Kind::scalar)) {
      added->values.push_back(value);
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    check(mark, tag, anchor);
    if (open_.empty()) fault(mark, "a settings file is a map of sections");
    start(mark, Open::Kind::list);
  }
  void OnSequenceEnd() override { end(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    check(mark, tag, anchor);
    start(mark, Open::Kind::map);
  }
  void OnMapEnd() override { end(); }

  void fault(const YAML::Mark& mark, std::string text) {
    out_.faults.push_back({place_of(mark), std::move(text)});
    if (out_.faults.size() >= k_most_faults) throw Enough();
  }

private:
  // A map or list whose end has not come.
  struct Open {
    enum class Kind : std::uint8_t { map, list, skipped } kind;
    std::string path = {};
    std::set<std::string, std::less<>> keys = {};
    bool has_key = false;  // of a map: its value comes next
    bool ignored = false;  // the key is at fault: nothing is made of its value
    std::string key = {};
    Place key_place = {};
    std::size_t entry = 0;  // of a list
  };

  [[nodiscard]] bool wants_key() const {
    return open_.back().kind == Open::Kind::map && !open_.back().has_key;
  }

  void check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) fault(mark, "a settings file has no anchors");
    // What stands there without a tag, bare or in quotes.
    if (!tag.empty() && tag != "?" && tag != "!") fault(mark, "a settings file has no tags");
  }

  void take_key(const YAML::Mark& mark, const std::string* key) {
    Open& map = open_.back();
    map.has_key = true;
    map.ignored = true;
    map.key_place = place_of(mark);
    if (key == nullptr || key->empty()) return fault(mark, "a key is a plain word");
    if (key->contains('.')) return fault(mark, "a key has no dot: the next one stands below it");
    if (!map.keys.insert(*key).second) return fault(mark, "this key is here twice");
    map.key = *key;
    map.ignored = false;
  }

  void end_value() {
    if (open_.back().kind == Open::Kind::map) open_.back().has_key = false;
  }

  // Null when the key is at fault.
  YamlEntry* add(const YAML::Mark& mark, YamlEntry::Kind kind) {
    Open& map = open_.back();
    map.has_key = false;
    if (map.ignored) return nullptr;
    return &out_.entries.emplace_back(
        YamlEntry{.kind = kind,
                  .path = map.path + map.key,
                  .values = {},
                  .key = map.key_place,
                  .value = kind == YamlEntry::Kind::null ? map.key_place : place_of(mark)});
  }

  YamlEntry* list_entry() { return &out_.entries[open_.back().entry]; }

  void start(const YAML::Mark& mark, Open::Kind kind) {
    if (open_.size() == k_deepest) {
      fault(mark, "nested too deeply");
      throw Enough();
    }
    Open made{.kind = Open::Kind::skipped};
    if (open_.empty()) {
      if (kind == Open::Kind::map) made.kind = kind;
    } else if (open_.back().kind == Open::Kind::list) {
      fault(mark, "a list holds plain values");
    } else if (open_.back().kind == Open::Kind::map && wants_key()) {
      take_key(mark, nullptr);
      open_.push_back(std::move(made));
      return;
    } else if (open_.back().kind == Open::Kind::map) {
      const bool is_map = kind == Open::Kind::map;
      if (const YamlEntry* entry =
              add(mark, is_map ? YamlEntry::Kind::map : YamlEntry::Kind::list)) {
        made.kind = kind;
        made.path = entry->path + ".";
        made.entry = out_.entries.size() - 1;
      }
    }
    open_.push_back(std::move(made));
  }

  void end() { open_.pop_back(); }

  YamlEntries& out_;
  std::vector<Open> open_;
  int documents_ = 0;
};

// The parser's own words may quote the file; these do not.
std::string plain_words(const std::string& message) {
  namespace say = YAML::ErrorMsg;
  static const std::array<std::string_view, 14> known_words{
      say::TAB_IN_INDENTATION, say::END_OF_MAP,    say::END_OF_MAP_FLOW, say::END_OF_SEQ,
      say::END_OF_SEQ_FLOW,    say::MAP_KEY,       say::MAP_VALUE,       say::BLOCK_ENTRY,
      say::EOF_IN_SCALAR,      say::FLOW_END,      say::INVALID_HEX,     say::UNKNOWN_TOKEN,
      say::CHAR_IN_BLOCK,      say::CHAR_IN_SCALAR};
  return std::ranges::contains(known_words, message) ? ": " + message : "";
}

}  // namespace

YamlEntries read_yaml_entries(const std::string& text) {
  YamlEntries read;
  EntryWriter writer(read);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(writer)) {
    }
  } catch (const Enough&) {
    // All that is told was told.
  } catch (const YAML::DeepRecursion& error) {
    read.faults.push_back({place_of(error.mark), "nested too deeply"});
  } catch (const YAML::Exception& error) {
    read.faults.push_back({place_of(error.mark), "this is not YAML" + plain_words(error.msg)});
  }
  return read;
}

}  // namespace loci::config
