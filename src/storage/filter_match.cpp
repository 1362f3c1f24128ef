#include "storage/filter_match.hpp"

#include <algorithm>
#include <compare>
#include <optional>
#include <string>
#include <variant>

#include "storage/jsonb_value.hpp"
#include "storage/list_order.hpp"

namespace loci::storage {

namespace {

bool holds(FilterOp op, std::partial_ordering order) {
  switch (op) {
    case FilterOp::lt:
      return order < 0;
    case FilterOp::le:
      return order <= 0;
    case FilterOp::gt:
      return order > 0;
    case FilterOp::ge:
      return order >= 0;
    default:
      return order == 0;
  }
}

bool text_holds(FilterOp op, const std::string& text, const std::string& part) {
  return op == FilterOp::contains ? text.contains(part) : text.starts_with(part);
}

// A condition on a column; ne is the opposite of eq, NULL included.
bool column_matches(const Filter::Node& node, const std::optional<FilterValue>& value) {
  switch (node.op) {
    case FilterOp::is_null:
      return !value;
    case FilterOp::ne:
      return !value || compare_values(*value, node.values.front()) != 0;
    case FilterOp::in:
      return value && std::ranges::any_of(node.values, [&](const FilterValue& each) {
               return compare_values(*value, each) == 0;
             });
    case FilterOp::contains:
    case FilterOp::starts_with:
      return value && text_holds(node.op, std::get<std::string>(*value),
                                 std::get<std::string>(node.values.front()));
    default:
      return value && holds(node.op, compare_values(*value, node.values.front()));
  }
}

bool metadata_is(FilterOp op, const JsonbValue& found, const JsonbValue& wanted) {
  if (op == FilterOp::eq || op == FilterOp::in) return found == wanted;
  if (op == FilterOp::contains) return found.contains(wanted);
  if (found.kind != wanted.kind) return false;
  if (op == FilterOp::starts_with) return found.text.starts_with(wanted.text);
  if (found.kind == Json::Kind::number) return holds(op, compare_numbers(found.text, wanted.text));
  return holds(op, found.text <=> wanted.text);
}

bool metadata_matches(const Filter::Node& node, const std::optional<FilterValue>& value) {
  const JsonbValue whole = JsonbValue::parse(std::get<JsonText>(value.value()));
  const JsonbValue* found = &whole;
  for (const std::string& name : node.path) {
    found = found->find(name);
    if (found == nullptr) break;
  }
  const auto is = [&](FilterOp op, const FilterValue& wanted) {
    return found != nullptr &&
           metadata_is(op, *found, JsonbValue::parse(std::get<JsonText>(wanted)));
  };
  switch (node.op) {
    case FilterOp::is_null:
      return found == nullptr || found->kind == Json::Kind::null;
    case FilterOp::ne:
      return !is(FilterOp::eq, node.values.front());
    case FilterOp::in:
      return std::ranges::any_of(node.values,
                                 [&](const FilterValue& each) { return is(FilterOp::in, each); });
    default:
      return is(node.op, node.values.front());
  }
}

}  // namespace

template <class Record>
bool matches(const Filter& checked, const Record& record) {
  const auto child_matches = [&](const Filter& child) { return matches(child, record); };
  switch (checked.op()) {
    case FilterOp::all:
      return true;
    case FilterOp::conjunction:
      return std::ranges::all_of(checked.node().children, child_matches);
    case FilterOp::disjunction:
      return std::ranges::any_of(checked.node().children, child_matches);
    case FilterOp::negation:
      return !child_matches(checked.node().children.front());
    default:
      break;
  }
  const RecordField<Record>& field = find_field<Record>(checked.node().field);
  const auto value = field.get(record);
  return field.kind == FieldKind::metadata ? metadata_matches(checked.node(), value)
                                           : column_matches(checked.node(), value);
}

template bool matches(const Filter&, const Conversation&);
template bool matches(const Filter&, const Message&);
template bool matches(const Filter&, const Embedding&);
template bool matches(const Filter&, const Memory&);
template bool matches(const Filter&, const Tool&);
template bool matches(const Filter&, const ToolExecution&);

}  // namespace loci::storage
