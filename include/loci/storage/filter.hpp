#pragma once
#include <loci/base/json.hpp>
#include <loci/base/time.hpp>
#include <loci/base/uuid.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Which records a call is about: a tree of conditions on declared fields and on paths into
/// `metadata`.
///
/// ```
/// using F = ConversationFields;
/// list(F::user_id.eq("ada") && (F::title.starts_with("Deadlock") || metadata("lang").eq("de")))
/// ```
/// A filter is a value: cheap to copy, any thread. It says what is wanted, never how; every value
/// in it travels as a parameter. A filter may name a field that the record does not have, or
/// compare it with a value of another type, when it was built from outside (field()): the call that
/// gets it then throws Error{invalid_argument}, naming the nearest field or what the field takes.
///
/// Logic has two values. A condition on a field that is NULL, on a metadata path that is not there,
/// or on a metadata value of another type than the one compared with, is false; `!` of it is true.
/// Text is compared byte by byte (collation "C"), numbers in metadata as numbers.
///
/// What serves it: equality, ranges and prefixes of fields use the plain indexes of their table,
/// and a top-level equality or contains() on metadata of conversations, messages and memories its
/// own.
namespace loci::storage {

/// What a field is compared with.
using FilterValue =
    std::variant<bool, std::int64_t, double, std::string, Uuid, Timestamp, JsonText>;

enum class FilterOp : std::uint8_t {
  all,          ///< Every record: an empty filter.
  conjunction,  ///< Every child holds.
  disjunction,  ///< Some child holds.
  negation,     ///< The only child does not hold.
  eq,
  ne,  ///< Not eq: true for NULL.
  lt,
  le,
  gt,
  ge,
  in,           ///< Equal to one of the values; none: false.
  contains,     ///< Text has it as a part; in metadata: an array has it, an object all of it (@>).
  starts_with,  ///< Text begins with it.
  is_null,      ///< NULL; in metadata: not there, or a JSON null.
};

class Filter {
public:
  struct Node {
    FilterOp op = FilterOp::all;
    std::string field;              ///< Empty for all and the connectives.
    std::vector<std::string> path;  ///< Into the field, which is then metadata.
    std::vector<FilterValue> values;
    std::vector<Filter> children;
  };

  Filter() = default;  ///< Every record.
  explicit Filter(Node node);

  /// A condition on one field: what Field and field() make.
  [[nodiscard]] static Filter condition(FilterOp op, std::string field,
                                        std::vector<std::string> path,
                                        std::vector<FilterValue> values);

  [[nodiscard]] FilterOp op() const noexcept { return node_ ? node_->op : FilterOp::all; }
  /// Never for an empty filter.
  [[nodiscard]] const Node& node() const noexcept { return *node_; }

  friend Filter operator&&(Filter left, Filter right);
  friend Filter operator||(Filter left, Filter right);
  friend Filter operator!(Filter operand);

private:
  std::shared_ptr<const Node> node_;  // shared by copies; never changed
};

/// A filter as JSON, the form that `--filter` takes and a server can:
/// `{"user_id": "ada"}` (equal), `{"created_at": {"ge": "2024-01-01"}}`, `{"metadata.lang": "de"}`,
/// `{"and": [..]}`, `{"or": [..]}`, `{"not": {..}}`; several members of an object must all hold.
/// Operators are those of FilterOp by name; `{"source": null}` is is_null. Times and UUIDs are
/// text, numbers are kept to the last digit. Errors: invalid_argument, saying what is wrong and
/// where
/// (`and[1].created_at`); whether there are such fields is for the call that gets the filter.
[[nodiscard]] Filter parse_filter(std::string_view json);

/// A field by its name, for filters that are put together at run time.
class UntypedField {
public:
  explicit UntypedField(std::string name, std::vector<std::string> path = {})
      : name_(std::move(name)), path_(std::move(path)) {}

  [[nodiscard]] Filter eq(FilterValue value) const { return one(FilterOp::eq, std::move(value)); }
  [[nodiscard]] Filter ne(FilterValue value) const { return one(FilterOp::ne, std::move(value)); }
  [[nodiscard]] Filter lt(FilterValue value) const { return one(FilterOp::lt, std::move(value)); }
  [[nodiscard]] Filter le(FilterValue value) const { return one(FilterOp::le, std::move(value)); }
  [[nodiscard]] Filter gt(FilterValue value) const { return one(FilterOp::gt, std::move(value)); }
  [[nodiscard]] Filter ge(FilterValue value) const { return one(FilterOp::ge, std::move(value)); }
  [[nodiscard]] Filter in(std::vector<FilterValue> values) const {
    return Filter::condition(FilterOp::in, name_, path_, std::move(values));
  }
  [[nodiscard]] Filter contains(FilterValue value) const {
    return one(FilterOp::contains, std::move(value));
  }
  [[nodiscard]] Filter starts_with(std::string prefix) const {
    return one(FilterOp::starts_with, std::move(prefix));
  }
  [[nodiscard]] Filter is_null() const {
    return Filter::condition(FilterOp::is_null, name_, path_, {});
  }

private:
  [[nodiscard]] Filter one(FilterOp op, FilterValue value) const {
    return Filter::condition(op, name_, path_, {std::move(value)});
  }
  std::string name_;
  std::vector<std::string> path_;
};

[[nodiscard]] inline UntypedField field(std::string name) {
  return UntypedField(std::move(name));
}

/// A value inside a record's metadata, by the names that lead to it: metadata("repo", "lang").
/// Names are those of objects: no path leads into an array. Values are text, numbers, bool and
/// JSON.
template <class... Names>
[[nodiscard]] UntypedField metadata(Names... names) {
  static_assert(sizeof...(Names) > 0, "say which part of the metadata");
  return UntypedField("metadata", {std::string(std::move(names))...});
}

/// A declared field, whose values are of type T. What a filter may say of it is checked by the
/// compiler.
template <class T>
struct Field {
  std::string_view name;

  [[nodiscard]] Filter eq(T value) const { return untyped().eq(convert(std::move(value))); }
  [[nodiscard]] Filter ne(T value) const { return untyped().ne(convert(std::move(value))); }
  [[nodiscard]] Filter lt(T value) const { return untyped().lt(convert(std::move(value))); }
  [[nodiscard]] Filter le(T value) const { return untyped().le(convert(std::move(value))); }
  [[nodiscard]] Filter gt(T value) const { return untyped().gt(convert(std::move(value))); }
  [[nodiscard]] Filter ge(T value) const { return untyped().ge(convert(std::move(value))); }
  [[nodiscard]] Filter in(std::vector<T> values) const {
    std::vector<FilterValue> converted;
    converted.reserve(values.size());
    for (T& value : values) converted.push_back(convert(std::move(value)));
    return untyped().in(std::move(converted));
  }
  [[nodiscard]] Filter contains(std::string part) const
    requires std::same_as<T, std::string>
  {
    return untyped().contains(FilterValue(std::move(part)));
  }
  [[nodiscard]] Filter starts_with(std::string prefix) const
    requires std::same_as<T, std::string>
  {
    return untyped().starts_with(std::move(prefix));
  }
  [[nodiscard]] Filter is_null() const { return untyped().is_null(); }

private:
  [[nodiscard]] UntypedField untyped() const { return UntypedField(std::string(name)); }
  static FilterValue convert(T value) { return FilterValue(std::move(value)); }
};

}  // namespace loci::storage
