// Filters as JSON. Depth and size are bounded before anything is built.
#include <loci/base/error.hpp>
#include <loci/base/json.hpp>
#include <loci/base/json_writer.hpp>
#include <loci/base/text.hpp>
#include <loci/storage/filter.hpp>
#include <loci/storage/limits.hpp>

#include <string>
#include <utility>
#include <vector>

#include "storage/filter_names.hpp"
#include "storage/jsonb_value.hpp"

namespace loci::storage {

namespace {

// Where in the text something stands: `and[1].created_at`.
std::string member_of(const std::string& place, std::string_view name) {
  return (place.empty() ? "" : place + ".") + std::string(utf8_prefix(name, 64));
}
std::string element_of(const std::string& place, std::size_t index) {
  return place + "[" + std::to_string(index) + "]";
}

[[noreturn]] void refuse(const std::string& place, const std::string& why) {
  throw Error(ErrorKind::invalid_argument,
              "filter: " + (place.empty() ? "" : "at " + place + ": ") + why);
}

// The number's text where no type says all of it.
FilterValue number_of(const Json& json) {
  JsonText written{std::string(json.raw())};
  const auto says_all = [number = JsonbValue::parse(written)](auto candidate) {
    return JsonbValue::parse({JsonWriter().value(candidate).text()}) == number;
  };
  if (const auto whole = json.integer(); whole && says_all(*whole)) return *whole;
  if (const auto real = json.number(); real && says_all(*real)) return *real;
  return written;
}

FilterValue value_of(const Json& json) {
  switch (json.kind()) {
    case Json::Kind::boolean:
      return json.boolean().value_or(false);
    case Json::Kind::number:
      return number_of(json);
    case Json::Kind::string:
      return json.string_or("");
    default:
      return JsonText{std::string(json.raw())};
  }
}

class Reading {
public:
  Filter filter(const Json& json, const std::string& place, int depth) {
    if (depth > limits::filter_depth) {
      refuse(place, "nested deeper than " + std::to_string(limits::filter_depth) + " levels");
    }
    if (!json.is_object()) {
      refuse(place, R"(a filter is an object, such as {"user_id": "ada"})");
    }
    Filter all;
    for (const Json each : json) {
      const std::string name = each.key();
      all = std::move(all) && member(name, each, member_of(place, name), depth);
    }
    return all;
  }

private:
  struct Asked {
    std::string field;
    std::vector<std::string> path;
  };

  static void count(std::size_t& seen, std::string_view what, const std::string& place) {
    if (++seen > limits::filter_conditions) {
      refuse(place,
             "more than " + std::to_string(limits::filter_conditions) + " " + std::string(what));
    }
  }

  Filter member(const std::string& name, const Json& json, const std::string& place, int depth) {
    if (name == "and" || name == "or") return list(name == "and", json, place, depth);
    if (name == "not") {
      count(connectives_, "connectives", place);
      return !filter(json, place, depth + 1);
    }
    return field(name, json, place);
  }

  // No conditions at all: `and` holds for every record, `or` for none.
  Filter list(bool conjunction, const Json& json, const std::string& place, int depth) {
    if (!json.is_array()) refuse(place, "takes an array of filters");
    count(connectives_, "connectives", place);
    Filter::Node node;
    node.op = conjunction ? FilterOp::conjunction : FilterOp::disjunction;
    std::size_t index = 0;
    for (const Json element : json) {
      node.children.push_back(filter(element, element_of(place, index++), depth + 1));
    }
    return Filter(std::move(node));
  }

  Filter field(const std::string& name, const Json& json, const std::string& place) {
    Asked asked{.field = name.substr(0, name.find('.')), .path = {}};
    for (std::size_t dot = name.find('.'); dot != std::string::npos;) {
      const std::size_t next = name.find('.', dot + 1);
      asked.path.push_back(name.substr(dot + 1, next - dot - 1));
      dot = next;
    }
    if (!json.is_object()) return compared(asked, FilterOp::eq, json, place);
    Filter all;
    for (const Json each : json) {
      const std::string word = each.key();
      const auto op = operator_of(word);
      if (!op) {
        refuse(place, "there is no operator \"" + std::string(utf8_prefix(word, 64)) +
                          "\"; the nearest is " + std::string(nearest_operator(word)));
      }
      all = std::move(all) && compared(asked, *op, each, member_of(place, word));
    }
    return all;
  }

  Filter compared(const Asked& asked, FilterOp op, const Json& json, const std::string& place) {
    count(conditions_, "conditions", place);
    const auto condition = [&](FilterOp told, std::vector<FilterValue> values) {
      return Filter::condition(told, asked.field, asked.path, std::move(values));
    };
    if (op == FilterOp::in) return condition(op, values(json, place));
    if (op == FilterOp::is_null) {
      const auto wanted = json.boolean();
      if (!wanted) refuse(place, "takes true or false");
      return *wanted ? condition(op, {}) : !condition(op, {});
    }
    if (!json.is_null()) return condition(op, {value_of(json)});
    if (op == FilterOp::eq) return condition(FilterOp::is_null, {});
    if (op == FilterOp::ne) return !condition(FilterOp::is_null, {});
    refuse(place, "cannot be null");
  }

  static std::vector<FilterValue> values(const Json& json, const std::string& place) {
    if (!json.is_array()) refuse(place, "takes an array of values");
    if (json.size() > limits::keys) {
      refuse(place, "more than " + std::to_string(limits::keys) + " values");
    }
    std::vector<FilterValue> values;
    std::size_t index = 0;
    for (const Json element : json) {
      if (element.is_null()) refuse(element_of(place, index), "cannot be null: ask is_null");
      values.push_back(value_of(element));
      ++index;
    }
    return values;
  }

  std::size_t conditions_ = 0;
  std::size_t connectives_ = 0;
};

}  // namespace

Filter parse_filter(std::string_view json) {
  if (json.size() > limits::json) refuse("", "over 16 MB");
  try {
    const JsonDocument document = JsonDocument::parse(std::string(json));
    return Reading().filter(document.root(), "", 1);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::invalid_argument) throw;
    refuse("", std::string("not JSON: ") + error.what());
  }
}

}  // namespace loci::storage
