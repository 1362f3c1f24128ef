#include "storage/mock/jsonb.hpp"

#include <loci/base/json_writer.hpp>
#include <loci/pg/types/numeric.hpp>

#include <map>
#include <string>
#include <utility>

#include "storage/mock/work.hpp"

namespace loci::storage::mock {

namespace {

struct ByLength {
  bool operator()(const std::string& left, const std::string& right) const {
    return std::pair(left.size(), std::string_view(left)) <
           std::pair(right.size(), std::string_view(right));
  }
};
using Members = std::map<std::string, Json, ByLength>;

void add_members(Members& members, const Json& object) {
  for (const Json member : object) members.insert_or_assign(member.key(), member);
}

// The depth of what is stored is bounded (limits::json_depth), and so is this recursion.
void append(std::string& out, const Json& json);

void append_members(std::string& out, const Members& members) {
  out += '{';
  for (const char* separator = ""; const auto& [name, value] : members) {
    out += std::exchange(separator, ", ");
    append_json_string(out, name);
    out += ": ";
    append(out, value);
  }
  out += '}';
}

void append(std::string& out, const Json& json) {
  switch (json.kind()) {
    case Json::Kind::object: {
      Members members;
      add_members(members, json);
      append_members(out, members);
      break;
    }
    case Json::Kind::array:
      out += '[';
      for (const char* separator = ""; const Json element : json) {
        out += std::exchange(separator, ", ");
        append(out, element);
      }
      out += ']';
      break;
    case Json::Kind::number: {
      const auto number = Decimal::parse(json.raw());
      if (!number) throw server_error("22003", "value overflows numeric format");
      out += number->str();
      break;
    }
    case Json::Kind::string:
      append_json_string(out, json.string_or(""));
      break;
    default:
      out += json.raw();
  }
}

}  // namespace

JsonText as_jsonb(const JsonText& json) {
  const JsonDocument document = JsonDocument::parse(json.text);
  std::string out;
  append(out, document.root());
  return {out};
}

JsonText merged(const JsonText& left, const JsonText& right) {
  const JsonDocument one = JsonDocument::parse(left.text);
  const JsonDocument other = JsonDocument::parse(right.text);
  Members members;
  add_members(members, one.root());
  add_members(members, other.root());
  std::string out;
  append_members(out, members);
  return {out};
}

}  // namespace loci::storage::mock
