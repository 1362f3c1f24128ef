#include <loci/base/json.hpp>

#include <charconv>
#include <cmath>

#include "base/json_tree.hpp"
#include "base/utf8.hpp"

namespace loci {

namespace {

using detail::JsonNode;
using detail::JsonTree;

// Four hex digits at `at`; the text was validated, so they are there.
std::uint32_t code_unit(std::string_view text, std::size_t at) {
  std::uint32_t value = 0;
  std::from_chars(text.data() + at, text.data() + at + 4, value, 16);
  return value;
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
