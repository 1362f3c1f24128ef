#pragma once
#include <loci/pg/query.hpp>

#include <cstdint>
#include <optional>
#include <string>

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
/// The file's header comes before the first row; the connection adds the trailer.
class CopyRows {
public:
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
  [[nodiscard]] std::string take() {
    std::string bytes = out_.take();
    out_ = Encoder();
    return bytes;
  }

  /// As take(), into `chunk`, whose memory serves the next chunk: none is allocated once both are
  /// large enough.
  void exchange(std::string& chunk) { out_.exchange(chunk); }

private:
  Encoder out_;
  bool started_ = false;
};

}  // namespace loci::pg
