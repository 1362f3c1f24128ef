#include <loci/base/json_text.hpp>
#include <loci/base/uuid.hpp>
#include <loci/pg/row_json.hpp>
#include <loci/pg/types/bit_string.hpp>
#include <loci/pg/types/local_timestamp.hpp>
#include <loci/pg/types/numeric.hpp>
#include <loci/pg/types/temporal.hpp>
#include <loci/pg/types/vector.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

namespace loci {

namespace {

void write_floats(JsonWriter& out, const std::vector<float>& values) {
  out.array();
  for (const float value : values) pg::detail::write_float(out, value);
  out.close();
}

}  // namespace

void write_json(JsonWriter& out, const Uuid& value) {
  out.value(value.str());
}

void write_json(JsonWriter& out, const JsonText& value) {
  out.raw(value.text);
}

void write_json(JsonWriter& out, Timestamp value) {
  out.value(to_rfc3339(value));
}

void write_json(JsonWriter& out, LocalTimestamp value) {
  std::string text = to_rfc3339(Timestamp(value.time_since_epoch()));
  if (text.ends_with('Z')) text.pop_back();
  out.value(text);
}

void write_json(JsonWriter& out, std::chrono::sys_days value) {
  if (value == std::chrono::sys_days::min()) return void(out.value("-infinity"));
  if (value == std::chrono::sys_days::max()) return void(out.value("infinity"));
  const std::string text = to_rfc3339(value);
  out.value(text.substr(0, text.find('T')));
}

void write_json(JsonWriter& out, std::chrono::microseconds value) {
  // PostgreSQL's last time of day, which no clock shows.
  if (value == std::chrono::hours(24)) return void(out.value("24:00:00"));
  std::string text = to_rfc3339(Timestamp(value));
  text.pop_back();
  out.value(text.substr(text.find('T') + 1));
}

void write_json(JsonWriter& out, const Interval& value) {
  out.object().member("months").value(value.months).member("days").value(value.days);
  out.member("microseconds").value(value.time.count()).close();
}

void write_json(JsonWriter& out, const Decimal& value) {
  if (value.is_finite()) {
    out.raw(value.str());
  } else {
    out.value(value.str());
  }
}

void write_json(JsonWriter& out, const BitString& value) {
  out.value(value.str());
}

void write_json(JsonWriter& out, const Vector& value) {
  write_floats(out, value.values);
}

void write_json(JsonWriter& out, const SparseVector& value) {
  out.object().member("dimensions").value(value.dimensions).member("indices").array();
  for (const std::int32_t index : value.indices) out.value(index);
  out.close().member("values");
  write_floats(out, value.values);
  out.close();
}

}  // namespace loci

namespace loci::pg::detail {

void write_float(JsonWriter& out, float value) {
  if (!std::isfinite(value)) return void(out.null());
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.raw(std::string_view(text.data(), end));
}

void write_bytes(JsonWriter& out, std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "\\x";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    text += {digits[byte >> 4], digits[byte & 15]};
  }
  out.value(text);
}

}  // namespace loci::pg::detail
