#pragma once
#include <loci/pg/statement.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loci::pg {

/// Builds the binary COPY format, one row after another.
///
/// ```
/// CopyRows rows;
/// rows.begin_row(2);
/// rows.field<type::Uuid>(id);
/// rows.field<type::Text>(name);   // an optional gives NULL
/// chunk = rows.take();
/// ```
/// Arrays and composites of types that go by name (type::Named, vectors) are written with OIDs,
/// which Lease::know_types() finds; copy_in() of copy.hpp does all of it.
///
/// The file's header comes before the first row; the connection adds the trailer.
class CopyRows {
public:
  /// `types`: those that go by name inside arrays and composites.
  explicit CopyRows(std::vector<KnownType> types = {}) : types_(std::move(types)) {}

  void begin_row(std::int16_t columns) {
    if (!started_) out_.raw(std::string_view("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19));
    started_ = true;
    out_.integer(columns);
  }
  template <class Type>
  void field(const typename Type::Value& value) {
    const std::size_t begin = out_.begin_length();
    Type::encode(out_, value);
    out_.end_length(begin);
  }
  template <class Type>
  void field(const std::optional<typename Type::Value>& value) {
    if (value) {
      field<Type>(*value);
    } else {
      out_.integer(std::int32_t{-1});
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }

  /// The bytes so far; the next row begins a new chunk.
  /// Errors: Error{invalid_argument} when the OID of a type inside an array or a composite is not
  /// among those given.
  [[nodiscard]] std::string take() {
    write_types();
    std::string bytes = out_.take();
    out_ = Encoder();
    return bytes;
  }

  /// As take(), into `chunk`, whose memory serves the next chunk: none is allocated once both are
  /// large enough.
  void exchange(std::string& chunk) {
    write_types();
    out_.exchange(chunk);
  }

private:
  void write_types() {
    for (const Encoder::OpenType& open : out_.open_types()) {
      out_.overwrite(open.at, oid_of(open.type));
    }
  }
  [[nodiscard]] std::uint32_t oid_of(const TypeId& type) const {
    for (const KnownType& known : types_) {
      if (known.type == type) return known.oid;
    }
    unknown(type);
  }
  [[noreturn]] static void unknown(const TypeId& type);

  std::vector<KnownType> types_;
  Encoder out_;
  bool started_ = false;
};

/// A row for COPY FROM: what loci-sqlgen makes of `-- name: X :copyfrom`. The statement is the
/// whole COPY.
template <class Q>
concept CopyQuery = requires(const Q& query, CopyRows& rows) {
  { Q::statement } -> std::convertible_to<const Statement&>;
  query.copy(rows);
};

}  // namespace loci::pg
