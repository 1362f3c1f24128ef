#include "storage/jsonb_value.hpp"

#include <loci/base/error.hpp>
#include <loci/pg/types/numeric.hpp>

#include <algorithm>
#include <utility>

namespace loci::storage {

namespace {

// The server's text of a number less the zeros that end its fraction.
std::string digits_of(std::string_view raw) {
  const auto number = Decimal::parse(raw);
  if (!number) {
    throw Error(ErrorKind::invalid_argument, "a number is larger or finer than a column can hold");
  }
  std::string text = number->str();
  if (number->scale() == 0) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

// The document's depth is bounded, and so is this recursion.
JsonbValue from(const Json& json) {
  JsonbValue value;
  value.kind = json.kind();
  switch (json.kind()) {
    case Json::Kind::boolean:
      value.truth = json.boolean().value_or(false);
      break;
    case Json::Kind::number:
      value.text = digits_of(json.raw());
      break;
    case Json::Kind::string:
      value.text = json.string_or("");
      break;
    case Json::Kind::array:
      for (const Json element : json) value.elements.push_back(from(element));
      break;
    case Json::Kind::object:
      for (const Json member : json) value.members.insert_or_assign(member.key(), from(member));
      break;
    case Json::Kind::missing:
    case Json::Kind::null:
      break;
  }
  return value;
}

// Sign taken off, as whole digits and a fraction.
struct Parts {
  explicit Parts(std::string_view text) {
    negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    whole = text.substr(0, point);
    if (point != std::string_view::npos) fraction = text.substr(point + 1);
  }
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
};

std::strong_ordering compare_sizes(const Parts& left, const Parts& right) {
  if (const auto order = left.whole.size() <=> right.whole.size(); order != 0) return order;
  if (const auto order = left.whole <=> right.whole; order != 0) return order;
  return left.fraction <=> right.fraction;  // no zeros end them, so a prefix is the smaller one
}

}  // namespace

JsonbValue JsonbValue::parse(const JsonText& json) {
  try {
    return from(JsonDocument::parse(json.text).root());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::invalid_argument) throw;
    throw Error(ErrorKind::invalid_argument, std::string("not JSON: ") + error.what());
  }
}

const JsonbValue* JsonbValue::find(std::string_view name) const {
  const auto found = members.find(name);
  return found == members.end() ? nullptr : &found->second;
}

bool JsonbValue::contains(const JsonbValue& part) const {
  if (kind != part.kind) return false;
  if (is_scalar()) return *this == part;
  if (kind == Json::Kind::object) {
    return std::ranges::all_of(part.members, [this](const auto& member) {
      const JsonbValue* mine = find(member.first);
      return mine != nullptr && mine->contains(member.second);
    });
  }
  return std::ranges::all_of(part.elements, [this](const JsonbValue& wanted) {
    return std::ranges::any_of(elements,
                               [&](const JsonbValue& mine) { return mine.contains(wanted); });
  });
}

std::strong_ordering compare_numbers(std::string_view left, std::string_view right) {
  const Parts a(left);
  const Parts b(right);
  if (a.negative != b.negative) {
    return a.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return a.negative ? compare_sizes(b, a) : compare_sizes(a, b);
}

}  // namespace loci::storage
