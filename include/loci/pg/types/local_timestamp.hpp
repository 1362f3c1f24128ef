#pragma once
#include <loci/pg/binary.hpp>

#include <chrono>
#include <string_view>

namespace loci {

/// A date and time on a wall somewhere, as PostgreSQL's `timestamp` without time zone holds it.
/// min() and max() stand for -infinity and infinity.
using LocalTimestamp = std::chrono::local_time<std::chrono::microseconds>;

class JsonWriter;
/// RFC 3339 text without a zone; `"infinity"` and `"-infinity"` are the extremes.
void write_json(JsonWriter& out, LocalTimestamp value);

}  // namespace loci

/// The one type of calendar and clock that needs all of <chrono>.
namespace loci::pg::type {

/// timestamp without time zone: microseconds from 2000-01-01 on the wire. Years after 294246 are
/// Error{protocol}.
struct Timestamp {
  using Value = LocalTimestamp;
  static constexpr TypeId id{1114};
  static void encode(Encoder& out, LocalTimestamp value);
  static LocalTimestamp decode(std::string_view bytes);
};

}  // namespace loci::pg::type
