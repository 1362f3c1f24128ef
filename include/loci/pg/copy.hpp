#pragma once
#include <loci/pg/copy_chunks.hpp>
#include <loci/pg/copy_out.hpp>
#include <loci/pg/copy_rows.hpp>
#include <loci/pg/pool.hpp>
#include <loci/pg/quote.hpp>
#include <loci/pg/types/nested.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

/// Structs into a table and out of it by COPY.
///
/// ```
/// const auto t = copy_table<Point>("points", column<type::Int4>("id", &Point::id),
///                                  column<type::Text>("name", &Point::name));
/// co_await copy_in(lease, t, points, deadline);
/// ```
namespace loci::pg {

/// A column and the member that stands for it; an optional member may be NULL.
template <class Type, class Row, class Member>
struct CopyColumn {
  std::string_view name;
  Member Row::* member;

  /// Appends the types inside its values that go by name.
  static void add_named_types(std::vector<TypeId>& names) {
    type::detail::add_names_inside<Type>(names);
  }
  void encode(CopyRows& out, const Row& row) const { out.field<Type>(row.*member); }
  void decode(const CopyRow& in, std::size_t index, Row& row) const {
    if constexpr (std::same_as<Member, std::optional<typename Type::Value>>) {
      row.*member = in.get_optional<Type>(index);
    } else {
      row.*member = in.get<Type>(index);
    }
  }
};

/// `name` must live as long as the table made of it.
template <class Type, class Row, class Member>
[[nodiscard]] constexpr CopyColumn<Type, Row, Member> column(std::string_view name,
                                                             Member Row::* member) {
  return {name, member};
}

template <class Row, class... Columns>
struct CopyTable {
  std::string name;  ///< Quoted.
  std::tuple<Columns...> columns;

  [[nodiscard]] std::string list() const {
    std::string text;
    std::apply(
        [&](const Columns&... each) {
          ((text += (text.empty() ? "(" : ", ") + quote_identifier(each.name)), ...);
        },
        columns);
    return name + ' ' + text + ')';
  }
  /// What CopyRows must know before rows are encoded.
  [[nodiscard]] std::vector<TypeId> named_types() const {
    std::vector<TypeId> names;
    (Columns::add_named_types(names), ...);
    return names;
  }
  void encode(CopyRows& out, const Row& row) const {
    out.begin_row(sizeof...(Columns));
    std::apply([&](const Columns&... each) { (each.encode(out, row), ...); }, columns);
  }
  [[nodiscard]] Row decode(const CopyRow& in) const {
    Row row{};
    std::size_t index = 0;
    std::apply([&](const Columns&... each) { (each.decode(in, index++, row), ...); }, columns);
    return row;
  }
};

/// A table as COPY sees it, found by the search path. Errors: as quote_identifier().
template <class Row, class... Columns>
[[nodiscard]] CopyTable<Row, Columns...> copy_table(std::string_view table, Columns... columns) {
  return {quote_identifier(table), {columns...}};
}
/// As copy_table(), in a schema.
template <class Row, class... Columns>
[[nodiscard]] CopyTable<Row, Columns...> copy_table_in(std::string_view schema,
                                                       std::string_view table, Columns... columns) {
  return {quote_identifier(schema) + '.' + quote_identifier(table), {columns...}};
}

/// Writes every row of a range, which may be made as it is read and must live until the end. Gives
/// the number of rows. Errors: as Lease::copy_in(); when reading the range throws, none stays.
template <class Row, class... Columns, std::ranges::input_range Rows>
  requires std::convertible_to<std::ranges::range_reference_t<Rows>, const Row&>
[[nodiscard]] boost::asio::awaitable<std::uint64_t> copy_in(Lease& lease,
                                                            CopyTable<Row, Columns...> table,
                                                            Rows& rows, Deadline deadline) {
  std::string sql = "copy " + table.list() + " from stdin (format binary)";
  const auto encode = [&](CopyRows& out, const Row& row) { table.encode(out, row); };
  CopyChunks chunks(rows, encode, co_await lease.know_types(table.named_types(), deadline));
  co_return co_await lease.copy_in(std::move(sql), std::ref(chunks), deadline);
}

/// A table's rows as they come; see CopyOut, whose rules hold.
template <class Table, class Row>
class CopiedRows {
public:
  CopiedRows(CopyOut rows, Table table) : rows_(std::move(rows)), table_(std::move(table)) {}

  /// The next rows; none at the end.
  [[nodiscard]] boost::asio::awaitable<std::vector<Row>> next() {
    std::vector<Row> made;
    const std::span<const CopyRow> rows = co_await rows_.next();
    made.reserve(rows.size());
    for (const CopyRow& row : rows) made.push_back(table_.decode(row));
    co_return made;
  }
  [[nodiscard]] boost::asio::awaitable<void> stop() { return rows_.stop(); }

private:
  CopyOut rows_;
  Table table_;
};

/// Reads a whole table.
template <class Row, class... Columns>
[[nodiscard]] boost::asio::awaitable<CopiedRows<CopyTable<Row, Columns...>, Row>> copy_out(
    Lease& lease, CopyTable<Row, Columns...> table, Deadline deadline) {
  std::string sql = "copy " + table.list() + " to stdout (format binary)";
  CopyOut rows = co_await lease.copy_out(std::move(sql), deadline);
  co_return CopiedRows<CopyTable<Row, Columns...>, Row>(std::move(rows), std::move(table));
}

}  // namespace loci::pg
