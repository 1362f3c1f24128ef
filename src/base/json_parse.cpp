// Walks a text once with simdjson and keeps where each value of it stands.
#include <loci/base/error.hpp>
#include <loci/base/json.hpp>
#include <loci/base/text.hpp>

#include <charconv>

#include "base/json_tree.hpp"

namespace loci {

namespace {

using detail::JsonNode;
using detail::JsonTree;
namespace od = simdjson::ondemand;

std::string_view trimmed(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
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

}  // namespace

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

}  // namespace loci
