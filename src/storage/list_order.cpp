#include "storage/list_order.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "storage/filter_check.hpp"
#include "storage/input_checks.hpp"

namespace loci::storage {

namespace {

void check_range(const ListOptions& options) {
  require_limit(options.limit);
  const auto refuse = [](const std::string& why) {
    throw Error(ErrorKind::invalid_argument, "list: " + why);
  };
  if (options.offset < 0) refuse("offset is 0 or more");
  if (options.offset > 0 && !options.cursor.empty()) {
    refuse("a cursor says where to go on: offset must be 0 beside it");
  }
}

}  // namespace

template <class Record>
ListOrder<Record> list_order(const Filter& checked, const ListOptions& options) {
  check_range(options);
  const RecordOrder<Record> own = own_order<Record>();
  const bool asked = !options.order_by.empty();
  const auto& first = find_field<Record>(asked ? std::string_view(options.order_by) : own.field);
  if (first.nullable || first.is_long || first.kind == FieldKind::metadata) {
    throw Error(ErrorKind::invalid_argument,
                "list: order_by takes a field that is always there, no metadata and no content, "
                "which " +
                    std::string(first.name) + " is not");
  }
  ListOrder<Record> order{.fields = {&first},
                          .descending = options.descending.value_or(!asked && own.descending)};
  const std::string_view group = unique_within<Record>(first.name);
  if (!group.empty() && fixes(checked, group)) return order;
  for (const std::string_view name : key_fields<Record>()) {
    if (name != first.name) order.fields.push_back(&find_field<Record>(name));
  }
  return order;
}

template <class Record>
Position position_of(const ListOrder<Record>& order, const Record& record) {
  Position position;
  position.reserve(order.fields.size());
  for (const RecordField<Record>* field : order.fields) {
    position.push_back(field->get(record).value());
  }
  return position;
}

std::weak_ordering compare_values(const FilterValue& left, const FilterValue& right) {
  if (left.index() != right.index()) return left.index() <=> right.index();
  return std::visit(
      [&](const auto& a) -> std::weak_ordering {
        using Held = std::remove_cvref_t<decltype(a)>;
        const Held& b = std::get<Held>(right);
        if constexpr (std::is_same_v<Held, double>) {
          return std::weak_order(a == 0 ? 0.0 : a, b == 0 ? 0.0 : b);  // -0 is 0
        } else if constexpr (std::is_same_v<Held, JsonText>) {
          return a.text <=> b.text;
        } else {
          return a <=> b;
        }
      },
      left);
}

bool stands_before(const Position& left, const Position& right, bool descending) {
  const auto order = std::lexicographical_compare_three_way(left.begin(), left.end(), right.begin(),
                                                            right.end(), compare_values);
  return descending ? order > 0 : order < 0;
}

template ListOrder<Conversation> list_order(const Filter&, const ListOptions&);
template ListOrder<Message> list_order(const Filter&, const ListOptions&);
template ListOrder<Embedding> list_order(const Filter&, const ListOptions&);
template ListOrder<Memory> list_order(const Filter&, const ListOptions&);
template ListOrder<Tool> list_order(const Filter&, const ListOptions&);
template ListOrder<ToolExecution> list_order(const Filter&, const ListOptions&);
template Position position_of(const ListOrder<Conversation>&, const Conversation&);
template Position position_of(const ListOrder<Message>&, const Message&);
template Position position_of(const ListOrder<Embedding>&, const Embedding&);
template Position position_of(const ListOrder<Memory>&, const Memory&);
template Position position_of(const ListOrder<Tool>&, const Tool&);
template Position position_of(const ListOrder<ToolExecution>&, const ToolExecution&);

}  // namespace loci::storage
