#include "storage/filter_sql.hpp"

#include <loci/pg/quote.hpp>
#include <loci/pg/types/numeric.hpp>

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "base/utf8.hpp"
#include "storage/jsonb_value.hpp"

namespace loci::storage {

namespace {

namespace type = pg::type;

std::string column(const DeclaredField& field) {
  return "t." + pg::quote_identifier(field.name);
}

// Orders of text are those of its bytes.
std::string sorted_column(const DeclaredField& field) {
  return column(field) + (field.kind == FieldKind::text ? R"( collate "C")" : "");
}

std::string_view comparison(FilterOp op) {
  switch (op) {
    case FilterOp::lt:
      return " < ";
    case FilterOp::le:
      return " <= ";
    case FilterOp::gt:
      return " > ";
    case FilterOp::ge:
      return " >= ";
    default:
      return " = ";
  }
}

template <class Type>
std::string array_place(SelectText& statement, const std::vector<FilterValue>& values,
                        std::string_view type) {
  std::vector<typename Type::Value> array;
  array.reserve(values.size());
  for (const FilterValue& value : values) array.push_back(std::get<typename Type::Value>(value));
  return statement.place<type::Array<Type>>(array, std::string(type) + "[]");
}

// The values of a column's kind, as one parameter: one of them, or an array.
class Values {
public:
  Values(SelectText& statement, FieldKind kind) : statement_(statement), kind_(kind) {}

  std::string one(const FilterValue& value) {
    return visit([&]<class Type>(std::string_view name) {
      return statement_.place<Type>(std::get<typename Type::Value>(value), name);
    });
  }
  std::string all(const std::vector<FilterValue>& values) {
    return visit([&]<class Type>(std::string_view name) {
      return array_place<Type>(statement_, values, name);
    });
  }

private:
  template <class Place>
  std::string visit(Place place) {
    switch (kind_) {
      case FieldKind::boolean:
        return place.template operator()<type::Bool>("boolean");
      case FieldKind::integer:
        return place.template operator()<type::Int8>("bigint");
      case FieldKind::real:
        return place.template operator()<type::Float8>("double precision");
      case FieldKind::uuid:
        return place.template operator()<type::Uuid>("uuid");
      case FieldKind::time:
        return place.template operator()<type::Timestamptz>("timestamptz");
      case FieldKind::metadata:
        return place.template operator()<type::Jsonb>("jsonb");
      case FieldKind::text:
        break;
    }
    return place.template operator()<type::Text>("text");
  }

  SelectText& statement_;
  FieldKind kind_;
};

class Compiling {
public:
  Compiling(SelectText& statement, FieldLookup find) : statement_(statement), find_(find) {}

  // Negations are pushed inwards, to the conditions.
  std::string compile(const Filter& filter, bool negated) {
    switch (filter.op()) {
      case FilterOp::all:
        return negated ? "false" : "true";
      case FilterOp::negation:
        return compile(filter.node().children.front(), !negated);
      case FilterOp::conjunction:
      case FilterOp::disjunction:
        return joined(filter.node(), negated);
      default:
        break;
    }
    const Filter::Node& node = filter.node();
    const bool opposite = negated != (node.op == FilterOp::ne);
    const DeclaredField& field = find_(node.field);
    std::string condition;
    if (field.kind == FieldKind::metadata) {
      condition = metadata_condition(node, column(field));
    } else {
      condition = column_condition(node, field);
    }
    if (!opposite) return condition;
    const bool never_null = !field.nullable && field.kind != FieldKind::metadata;
    return never_null ? "not (" + condition + ")" : "(" + condition + ") is not true";
  }

private:
  std::string joined(const Filter::Node& node, bool negated) {
    const bool conjunction = (node.op == FilterOp::conjunction) != negated;
    if (node.children.empty()) return conjunction ? "true" : "false";
    std::string text;
    for (const Filter& child : node.children) {
      text += text.empty() ? "(" : conjunction ? " and " : " or ";
      text += compile(child, negated);
    }
    return text + ")";
  }

  std::string column_condition(const Filter::Node& node, const DeclaredField& field) {
    Values values(statement_, field.kind);
    switch (node.op) {
      case FilterOp::is_null:
        return column(field) + " is null";
      case FilterOp::eq:
      case FilterOp::ne:
        return column(field) + " = " + values.one(node.values.front());
      case FilterOp::in:
        return column(field) + " = any(" + values.all(node.values) + ")";
      case FilterOp::contains:
        return "strpos(" + column(field) + ", " + values.one(node.values.front()) + ") > 0";
      case FilterOp::starts_with:
        return prefix_condition(field, std::get<std::string>(node.values.front()));
      default:
        return sorted_column(field) + std::string(comparison(node.op)) +
               values.one(node.values.front());
    }
  }

  // A range rather than starts_with(): an index serves it, under row level security too.
  std::string prefix_condition(const DeclaredField& field, const std::string& prefix) {
    Values values(statement_, field.kind);
    std::string range = "(" + sorted_column(field) + " >= " + values.one(prefix);
    if (auto end = after_prefix(prefix)) {
      range += " and " + sorted_column(field) + " < " + values.one(*std::move(end));
    }
    return range + ")";
  }

  std::string metadata_condition(const Filter::Node& node, std::string found) {
    for (const std::string& name : node.path) {
      found += " -> " + statement_.place<type::Text>(name, "text");
    }
    found = "(" + found + ")";
    Values values(statement_, FieldKind::metadata);
    switch (node.op) {
      case FilterOp::is_null:
        return "(" + found + " is null or " + found + " = jsonb 'null')";
      case FilterOp::eq:
      case FilterOp::ne:
        return found + " = " + values.one(node.values.front());
      case FilterOp::in:
        return found + " = any(" + values.all(node.values) + ")";
      case FilterOp::contains:
        return found + " @> " + values.one(node.values.front());
      default:
        return scalar_condition(node, found);
    }
  }

  // Numbers with numbers and text with text; null, which is false, for anything else.
  std::string scalar_condition(const Filter::Node& node, const std::string& found) {
    const JsonbValue wanted = JsonbValue::parse(std::get<JsonText>(node.values.front()));
    if (wanted.kind == Json::Kind::number) {
      const auto number = Decimal::parse(wanted.text).value();
      return "case jsonb_typeof" + found + " when 'number' then " + found + "::numeric" +
             std::string(comparison(node.op)) + statement_.place<type::Numeric>(number, "numeric") +
             " end";
    }
    const std::string text = "(" + found + " #>> '{}')";
    const std::string place = statement_.place<type::Text>(wanted.text, "text");
    const std::string holds =
        node.op == FilterOp::starts_with
            ? "starts_with(" + text + ", " + place + ")"
            : text + R"( collate "C")" + std::string(comparison(node.op)) + place;
    return "case jsonb_typeof" + found + " when 'string' then " + holds + " end";
  }

  SelectText& statement_;
  FieldLookup find_;
};

std::string list_of(Fields fields, std::string_view behind_each) {
  std::string list;
  for (const DeclaredField* field : fields) {
    if (!list.empty()) list += ", ";
    list += sorted_column(*field) + std::string(behind_each);
  }
  return list;
}

}  // namespace

void add_filter(SelectText& statement, const Filter& checked, FieldLookup find) {
  if (checked.op() == FilterOp::all) return;
  statement.sql += " and " + Compiling(statement, find).compile(checked, false);
}

void add_behind(SelectText& statement, Fields fields, const Position& position, bool descending) {
  std::string places;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i != 0) places += ", ";
    places += Values(statement, fields[i]->kind).one(position[i]);
  }
  statement.sql +=
      " and (" + list_of(fields, "") + ")" + (descending ? " < (" : " > (") + places + ")";
}

void add_order(SelectText& statement, Fields fields, bool descending) {
  statement.sql += " order by " + list_of(fields, descending ? " desc" : "");
}

void add_deleted(SelectText& statement, std::string_view table, Deleted deleted) {
  if (deleted == Deleted::include) return;
  statement.sql += " and " + std::string(table) + ".deleted_at is " +
                   (deleted == Deleted::only ? "not null" : "null");
}

void add_user(SelectText& statement, std::string_view table, const std::string& user_id) {
  const std::string place = statement.place<type::Text>(user_id, "text");
  statement.sql += " and " + std::string(table) + ".user_id = " + place;
}

void add_ids(SelectText& statement, const std::vector<Uuid>& ids) {
  statement.sql +=
      " and t.id = any(" + statement.place<type::Array<type::Uuid>>(ids, "uuid[]") + ")";
}

void add_importance_order(SelectText& statement, std::chrono::seconds half_life) {
  // Past 1,000 half-lives nothing is left, and the power would be out of range.
  const std::string place =
      statement.place<type::Float8>(static_cast<double>(half_life.count()), "double precision");
  statement.sql +=
      " order by case when t.pinned or " + place +
      " <= 0 then t.importance else t.importance * 2 ^ (" +
      "-least(1000, greatest(0, extract(epoch from now() - coalesce(t.last_accessed_at, "
      "t.created_at)) / nullif(" +
      place + ", 0))))::double precision end desc, t.id desc";
}

void add_limit(SelectText& statement, std::int64_t limit, std::int64_t offset) {
  statement.sql += " limit " + statement.place<type::Int8>(limit, "bigint");
  if (offset > 0) statement.sql += " offset " + statement.place<type::Int8>(offset, "bigint");
}

std::optional<std::string> after_prefix(std::string_view prefix) {
  constexpr char32_t last = 0x10ffff;
  constexpr char32_t before_surrogates = 0xd7ff;
  constexpr char32_t after_surrogates = 0xe000;
  while (!prefix.empty()) {
    std::size_t at = prefix.size() - 1;
    while ((static_cast<unsigned char>(prefix[at]) & 0xc0) == 0x80) --at;
    std::string end(prefix.substr(0, at));
    std::size_t next = at;
    const char32_t character = next_character(prefix, next);
    if (character != last) {
      append_utf8(end, character == before_surrogates ? after_surrogates : character + 1);
      return end;
    }
    prefix = prefix.substr(0, at);
  }
  return std::nullopt;
}

}  // namespace loci::storage
