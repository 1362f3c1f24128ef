#include <loci/base/json.hpp>

#include <loci/base/error.hpp>
#include <loci/base/text.hpp>

#include <simdjson.h>
#include <charconv>
#include <cmath>
#include <vector>

namespace loci {
namespace detail {

struct JsonNode {
  std::string_view raw;
  std::string_view key;  // without quotes, still escaped
  std::uint32_t first_child = 0;
  std::uint32_t next = 0;
  std::uint32_t children = 0;
  Json::Kind kind = Json::Kind::missing;
};

// Node 0 is the missing value and the end of every list; node 1 is the root.
struct JsonTree {
  simdjson::padded_string text;
  std::vector<JsonNode> nodes;
};

}  // namespace detail

namespace {

using detail::JsonNode;
using detail::JsonTree;
namespace od = simdjson::ondemand;

std::string_view trimmed(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

// Four hex digits at `at`; the text was validated, so they are there.
std::uint32_t code_unit(std::string_view text, std::size_t at) {
  std::uint32_t value = 0;
  std::from_chars(text.data() + at, text.data() + at + 4, value, 16);
  return value;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | ((code >> 12) & 0x3f));
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// Decodes the \uXXXX escape whose backslash is at `at`; returns the position after it.
std::size_t append_escape(std::string& out, std::string_view text, std::size_t at) {
  constexpr std::uint32_t replacement = 0xfffd;
  std::uint32_t code = code_unit(text, at + 2);
  at += 6;
  if (code >= 0xd800 && code < 0xdc00 && text.substr(at, 2) == "\\u") {
    const std::uint32_t low = code_unit(text, at + 2);
    if (low >= 0xdc00 && low < 0xe000) {
      append_utf8(out, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
      return at + 6;
    }
  }
  if (code == 0 || (code >= 0xd800 && code < 0xe000)) code = replacement;
  append_utf8(out, code);
  return at;
}

// Decodes the inside of a JSON string that simdjson has validated.
std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t slash = text.find('\\', at);
    out.append(text.substr(at, slash - at));
    if (slash == std::string_view::npos) break;
    const char c = text[slash + 1];
    if (c == 'u') {
      at = append_escape(out, text, slash);
      continue;
    }
    switch (c) {
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      default:
        out += c;
    }
    at = slash + 2;
  }
  return out;
}

// A number of any size is JSON; its raw text is kept. Refused is what no column could take either:
// PostgreSQL's numeric ends at 131,072 digits.
void check_number(std::string_view token) {
  constexpr std::size_t max_digits = 10000;
  constexpr int max_exponent = 10000;
  std::size_t at = token.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < token.size() && token[at] >= '0' && token[at] <= '9') ++at;
    return at - start;
  };
  const bool leading_zero = token.substr(at).starts_with('0');
  const std::size_t whole = digits();
  bool ok = whole > 0 && !(leading_zero && whole > 1) && token.size() <= max_digits;
  if (ok && at < token.size() && token[at] == '.') {
    ++at;
    ok = digits() > 0;
  }
  if (ok && at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    int exponent = 0;
    const auto [end, error] =
        std::from_chars(token.data() + at, token.data() + token.size(), exponent);
    ok = digits() > 0 && error == std::errc() && exponent <= max_exponent;
  }
  if (!ok || at != token.size()) throw simdjson::simdjson_error(simdjson::NUMBER_ERROR);
}

// Walks the text once and writes one node a value.
class Builder {
public:
  explicit Builder(JsonTree& tree) : tree_(tree) {}

  std::uint32_t add(od::value value, std::size_t depth) {
    if (depth > JsonDocument::max_depth) {
      throw Error(ErrorKind::invalid_input,
                  "nested deeper than " + std::to_string(JsonDocument::max_depth) + " levels");
    }
    const auto id = static_cast<std::uint32_t>(tree_.nodes.size());
    tree_.nodes.emplace_back();
    const std::string_view token = trimmed(value.raw_json_token());
    const od::json_type type = value.type();
    if (type == od::json_type::object) {
      add_object(id, value.get_object(), token.data(), depth);
    } else if (type == od::json_type::array) {
      add_array(id, value.get_array(), token.data(), depth);
    } else {
      check_scalar(value, type, token);
      tree_.nodes[id].kind = scalar_kind(type);
      tree_.nodes[id].raw = token;
    }
    return id;
  }

private:
  void add_object(std::uint32_t id, od::object object, const char* start, std::size_t depth) {
    Children children(tree_, id, start);
    for (auto field : object) {
      const std::string_view key = field.escaped_key();
      const auto unescaped = field.unescaped_key(true);
      if (unescaped.error() != simdjson::SUCCESS) throw simdjson::simdjson_error(unescaped.error());
      const std::uint32_t child = add(field.value(), depth + 1);
      tree_.nodes[child].key = key;
      children.append(child);
    }
    children.close(Json::Kind::object);
  }

  void add_array(std::uint32_t id, od::array array, const char* start, std::size_t depth) {
    Children children(tree_, id, start);
    for (auto element : array) children.append(add(element.value(), depth + 1));
    children.close(Json::Kind::array);
  }

  // The children of one container as they are found, and where its text ends.
  class Children {
  public:
    Children(JsonTree& tree, std::uint32_t parent, const char* start)
        : tree_(tree), parent_(parent), start_(start), end_(start + 1) {}

    void append(std::uint32_t child) {
      if (last_ == 0) {
        tree_.nodes[parent_].first_child = child;
      } else {
        tree_.nodes[last_].next = child;
      }
      last_ = child;
      ++tree_.nodes[parent_].children;
      end_ = tree_.nodes[child].raw.data() + tree_.nodes[child].raw.size();
    }

    void close(Json::Kind kind) {
      while (*end_ == ' ' || *end_ == '\t' || *end_ == '\r' || *end_ == '\n') ++end_;
      ++end_;  // the closing bracket
      tree_.nodes[parent_].kind = kind;
      tree_.nodes[parent_].raw = std::string_view(start_, end_);
    }

  private:
    JsonTree& tree_;
    std::uint32_t parent_;
    std::uint32_t last_ = 0;
    const char* start_;
    const char* end_;
  };

  // On-demand parsing checks a scalar only when it is read; read each once, so a bad one is found.
  static void check_scalar(od::value value, od::json_type type, std::string_view token) {
    simdjson::error_code error = simdjson::SUCCESS;
    switch (type) {
      case od::json_type::string:
        error = value.get_wobbly_string().error();
        break;
      case od::json_type::number:
        if (value.get_number().error() != simdjson::SUCCESS) check_number(token);
        break;
      case od::json_type::boolean:
        error = value.get_bool().error();
        break;
      default:
        error = value.is_null().error();
        break;
    }
    if (error != simdjson::SUCCESS) throw simdjson::simdjson_error(error);
  }

  static Json::Kind scalar_kind(od::json_type type) {
    switch (type) {
      case od::json_type::string:
        return Json::Kind::string;
      case od::json_type::number:
        return Json::Kind::number;
      case od::json_type::boolean:
        return Json::Kind::boolean;
      default:
        return Json::Kind::null;
    }
  }

  JsonTree& tree_;
};

// A document that is one bare scalar; simdjson gives it another type than a value inside. False
// when more follows it.
bool add_bare_scalar(JsonTree& tree, od::document& document) {
  bool at_end = false;
  const od::json_type type = document.type();
  JsonNode node;
  node.raw = trimmed(document.raw_json_token());
  switch (type) {
    case od::json_type::string:
      node.kind = Json::Kind::string;
      (void)document.get_wobbly_string().value();
      break;
    case od::json_type::number:
      node.kind = Json::Kind::number;
      if (document.get_number().error() != simdjson::SUCCESS) {
        check_number(trimmed(std::string_view(tree.text)));
        at_end = true;
      }
      break;
    case od::json_type::boolean:
      node.kind = Json::Kind::boolean;
      (void)document.get_bool().value();
      break;
    default:
      node.kind = Json::Kind::null;
      (void)document.is_null().value();
      break;
  }
  tree.nodes.push_back(node);
  return at_end || document.at_end();
}

const JsonNode& node_of(const JsonTree* tree, std::uint32_t node) {
  static const JsonNode missing;
  return tree == nullptr ? missing : tree->nodes[node];
}

}  // namespace

std::string to_storable_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t at = 0; at < json.size();) {
    const std::size_t slash = json.find('\\', at);
    out.append(json.substr(at, slash - at));
    if (slash == std::string_view::npos) break;
    if (json[slash + 1] != 'u') {
      out.append(json.substr(slash, 2));
      at = slash + 2;
      continue;
    }
    std::string decoded;
    at = append_escape(decoded, json, slash);
    const bool refused = decoded == "\xef\xbf\xbd" && at == slash + 6;
    out.append(refused ? std::string_view("\\ufffd") : json.substr(slash, at - slash));
  }
  return out;
}

JsonDocument::JsonDocument(std::unique_ptr<detail::JsonTree> tree) : tree_(std::move(tree)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonDocument JsonDocument::parse(std::string text) {
  thread_local od::parser parser;
  if (!simdjson::validate_utf8(text)) text = to_storable(text);
  auto tree = std::make_unique<detail::JsonTree>();
  tree->text = simdjson::padded_string(text);
  tree->nodes.emplace_back();
  try {
    od::document document = parser.iterate(tree->text);
    bool at_end = false;
    if (document.is_scalar()) {
      at_end = add_bare_scalar(*tree, document);
    } else {
      Builder(*tree).add(document.get_value(), 1);
      at_end = document.at_end();
    }
    if (!at_end) throw simdjson::simdjson_error(simdjson::TRAILING_CONTENT);
  } catch (const simdjson::simdjson_error& error) {
    throw Error(ErrorKind::invalid_input, std::string("not valid JSON: ") + error.what());
  }
  return JsonDocument(std::move(tree));
}

Json JsonDocument::root() const noexcept {
  return {tree_.get(), 1};
}

Json::Kind Json::kind() const noexcept {
  return node_of(tree_, node_).kind;
}
std::string_view Json::raw() const noexcept {
  return node_of(tree_, node_).raw;
}
std::size_t Json::size() const noexcept {
  return node_of(tree_, node_).children;
}
std::string Json::key() const {
  return unescape(node_of(tree_, node_).key);
}

std::optional<std::string> Json::string() const {
  if (!is_string()) return std::nullopt;
  const std::string_view text = raw();
  std::string decoded = unescape(text.substr(1, text.size() - 2));
  return decoded;
}

std::string Json::string_or(std::string_view fallback) const {
  auto text = string();
  return text ? std::move(*text) : std::string(fallback);
}

std::optional<std::int64_t> Json::integer() const {
  if (!is_number()) return std::nullopt;
  const std::string_view text = raw();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  const auto real = number();  // 3.0 and 1e3 are whole too
  if (!real || *real != std::floor(*real) || std::abs(*real) > 9007199254740992.0)
    return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

std::optional<double> Json::number() const {
  if (!is_number()) return std::nullopt;
  const std::string_view text = raw();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> Json::boolean() const {
  if (kind() != Kind::boolean) return std::nullopt;
  return raw() == "true";
}

Json Json::operator[](std::string_view key) const {
  if (!is_object()) return {};
  Json found;
  for (Json member : *this) {
    const std::string_view name = node_of(tree_, member.node_).key;
    const bool same =
        name.find('\\') == std::string_view::npos ? name == key : unescape(name) == key;
    if (same) found = member;
  }
  return found;
}

Json::Iterator Json::begin() const noexcept {
  return {tree_, node_of(tree_, node_).first_child};
}
Json::Iterator Json::end() const noexcept {
  return {tree_, 0};
}

Json::Iterator& Json::Iterator::operator++() noexcept {
  node_ = node_of(tree_, node_).next;
  return *this;
}

}  // namespace loci
