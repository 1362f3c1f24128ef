#include "storage/filter_check.hpp"

#include <loci/base/error.hpp>
#include <loci/base/text.hpp>
#include <loci/storage/limits.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include "storage/filter_names.hpp"
#include "storage/filter_values.hpp"

namespace loci::storage {

namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::invalid_argument, "filter: " + why);
}

bool is_order(FilterOp op) {
  return op == FilterOp::lt || op == FilterOp::le || op == FilterOp::gt || op == FilterOp::ge;
}

bool column_allows(FieldKind kind, FilterOp op) {
  switch (kind) {
    case FieldKind::boolean:
      return !is_order(op) && op != FilterOp::contains && op != FilterOp::starts_with;
    case FieldKind::text:
      return true;
    default:
      return op != FilterOp::contains && op != FilterOp::starts_with;
  }
}

// `json` is a checked value: its first character tells its kind.
bool metadata_allows(const Filter::Node& node, const JsonText& json) {
  const char first = json.text.front();
  const bool is_text = first == '"';
  const bool is_number = first == '-' || (first >= '0' && first <= '9');
  if (node.op == FilterOp::starts_with) return is_text && !node.path.empty();
  if (is_order(node.op)) return (is_text || is_number) && !node.path.empty();
  return node.op != FilterOp::contains || !node.path.empty() || first == '{';
}

class Checking {
public:
  explicit Checking(FieldLookup find) : find_(find) {}

  Filter check(const Filter& filter, int depth) {
    if (filter.op() == FilterOp::all) return {};
    if (depth > limits::filter_depth) {
      refuse("nested deeper than " + std::to_string(limits::filter_depth) + " levels");
    }
    Filter::Node node = filter.node();
    if (is_connective(node.op)) {
      if (node.op == FilterOp::negation && node.children.size() != 1) {
        refuse("not takes one condition");
      }
      for (Filter& child : node.children) child = check(child, depth + 1);
    } else {
      check_condition(node);
    }
    return Filter(std::move(node));
  }

private:
  void check_condition(Filter::Node& node) {
    if (++conditions_ > limits::filter_conditions) {
      refuse("more than " + std::to_string(limits::filter_conditions) + " conditions");
    }
    const FieldKind kind = find_(node.field).kind;
    const std::string name = field_name(node.field, node.path);
    check_path(node, kind, name);
    check_count(node, name);
    for (FilterValue& value : node.values) {
      if (kind != FieldKind::metadata) {
        value = column_value(std::move(value), kind, name);
        continue;
      }
      JsonText json = metadata_value(value, name);
      trim(json);
      if (!metadata_allows(node, json)) refuse_operator(node.op, name);
      if (node.op == FilterOp::contains && json.text.front() != '[' && json.text.front() != '{') {
        json.text = "[" + json.text + "]";
      }
      value = std::move(json);
    }
    if (kind != FieldKind::metadata && !column_allows(kind, node.op)) {
      refuse_operator(node.op, name);
    }
  }

  static void check_path(const Filter::Node& node, FieldKind kind, const std::string& name) {
    if (node.path.empty()) return;
    if (kind != FieldKind::metadata) refuse(name + " is no field: only metadata has parts");
    if (node.path.size() > static_cast<std::size_t>(limits::json_depth)) {
      refuse("a path into metadata of more than " + std::to_string(limits::json_depth) + " names");
    }
    for (const std::string& part : node.path) {
      if (!is_storable(part) || part.size() > limits::name) {
        refuse("a name in metadata that holds a NUL, is not UTF-8 or is over 1,024 bytes");
      }
    }
  }

  static void check_count(const Filter::Node& node, const std::string& name) {
    const std::size_t count = node.values.size();
    if (node.op == FilterOp::in) {
      if (count > limits::keys) {
        refuse(name + " in more than " + std::to_string(limits::keys) + " values");
      }
    } else if (count != (node.op == FilterOp::is_null ? 0U : 1U)) {
      refuse(name + " " + std::string(operator_name(node.op)) + " takes " +
             (node.op == FilterOp::is_null ? "no value" : "one value"));
    }
  }

  static void trim(JsonText& json) {
    const std::size_t first = json.text.find_first_not_of(" \t\r\n");
    const std::size_t last = json.text.find_last_not_of(" \t\r\n");
    json.text = json.text.substr(first, last - first + 1);
  }

  [[noreturn]] static void refuse_operator(FilterOp op, const std::string& name) {
    refuse(name + " cannot be asked " + std::string(operator_name(op)) + " of such a value");
  }

  FieldLookup find_;
  std::size_t conditions_ = 0;
};

}  // namespace

Filter check_filter(const Filter& filter, FieldLookup find) {
  return Checking(find).check(filter, 1);
}

bool fixes(const Filter& filter, std::string_view field) {
  if (filter.op() == FilterOp::conjunction) {
    return std::ranges::any_of(filter.node().children,
                               [&](const Filter& child) { return fixes(child, field); });
  }
  return filter.op() == FilterOp::eq && filter.node().field == field;
}

}  // namespace loci::storage
