#pragma once
#include <loci/base/json_writer.hpp>
#include <loci/storage/records.hpp>

#include <array>
#include <cstddef>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "storage/record_fields.hpp"

namespace loci::test {

/// Filters and values at random, drawn from few and odd ones, so that they often meet. The same
/// seed gives the same.
class RandomFilters {
public:
  explicit RandomFilters(std::uint32_t seed) : random_(seed) {}

  [[nodiscard]] std::size_t below(std::size_t end) { return random_() % end; }
  [[nodiscard]] bool one_in(std::size_t n) { return below(n) == 0; }

  [[nodiscard]] std::string text() { return pick(k_texts); }
  [[nodiscard]] std::string path_name() { return pick(k_names); }
  [[nodiscard]] Uuid id() {
    std::array<std::uint8_t, 16> bytes{};
    bytes[0] = bytes[15] = static_cast<std::uint8_t>(below(4) * 85);
    return Uuid(bytes);
  }
  /// Never the past, so that nothing expires.
  [[nodiscard]] Timestamp time() {
    constexpr Timestamp base{std::chrono::seconds(4'000'000'000)};
    if (one_in(8)) return Timestamp::max();
    return base + std::chrono::microseconds(below(5));
  }
  [[nodiscard]] double real() {
    constexpr std::array reals{0.0, -0.0, 0.1, 0.5, 1.0, 1e-300, 0.30000000000000004};
    return reals.at(below(reals.size()));
  }
  [[nodiscard]] std::int64_t whole() {
    constexpr std::array<std::int64_t, 6> wholes{
        0, 1, 2, -7, 9007199254740993, std::numeric_limits<std::int64_t>::max()};
    return wholes.at(below(wholes.size()));
  }

  /// Any JSON.
  [[nodiscard]] std::string json(int depth = 2) {
    const std::size_t kind = below(depth > 0 ? 8 : 5);
    if (kind < 2) return pick(k_numbers);
    if (kind < 4) return json_string(text());
    if (kind == 4) return pick(k_words);
    return kind == 5 ? json_array(depth) : json_object(depth);
  }
  [[nodiscard]] std::string json_object(int depth = 2) {
    std::string out = "{";
    for (std::size_t i = below(4); i > 0; --i) {
      out += json_string(path_name()) + (one_in(2) ? ": " : ":") + json(depth - 1) +
             (i > 1 ? ", " : "");
    }
    return out + "}";
  }

  /// A condition on any field of Record, or several.
  template <class Record>
  [[nodiscard]] storage::Filter filter(int depth = 4) {
    if (depth > 0 && !one_in(3)) {
      switch (below(4)) {
        case 0:
          return !filter<Record>(depth - 1);
        case 1:
          return filter<Record>(depth - 1) || filter<Record>(depth - 1);
        default:
          return filter<Record>(depth - 1) && filter<Record>(depth - 1);
      }
    }
    const auto fields = storage::record_fields<Record>();
    const auto& field = fields[below(fields.size())];
    if (field.kind == storage::FieldKind::metadata) return on_metadata();
    return on_column(std::string(field.name), field.kind);
  }

private:
  using Op = storage::FilterOp;

  template <class Values>
  typename Values::value_type pick(const Values& values) {
    return values[below(values.size())];
  }

  static std::string json_string(const std::string& text) {
    std::string out;
    append_json_string(out, text);
    return out;
  }
  std::string json_array(int depth) {
    std::string out = "[";
    for (std::size_t i = below(4); i > 0; --i) out += json(depth - 1) + (i > 1 ? "," : "");
    return out + "]";
  }

  storage::FilterValue value(storage::FieldKind kind) {
    switch (kind) {
      case storage::FieldKind::boolean:
        return one_in(2);
      case storage::FieldKind::integer:
        return whole();
      case storage::FieldKind::real:
        return real();
      case storage::FieldKind::uuid:
        return id();
      case storage::FieldKind::time:
        return time();
      default:
        return text();
    }
  }

  storage::Filter on_column(const std::string& name, storage::FieldKind kind) {
    std::vector<Op> ops{Op::eq, Op::ne, Op::in, Op::is_null};
    if (kind != storage::FieldKind::boolean)
      ops.insert(ops.end(), {Op::lt, Op::le, Op::gt, Op::ge});
    if (kind == storage::FieldKind::text) ops.insert(ops.end(), {Op::contains, Op::starts_with});
    const Op op = pick(ops);
    std::vector<storage::FilterValue> values;
    const std::size_t count = op == Op::in ? below(4) : op == Op::is_null ? 0 : 1;
    for (std::size_t i = 0; i < count; ++i) values.push_back(value(kind));
    return storage::Filter::condition(op, name, {}, std::move(values));
  }

  storage::FilterValue metadata_value(bool scalar) {
    switch (below(scalar ? 3 : 6)) {
      case 0:
        return JsonText{pick(k_numbers)};
      case 1:
        return text();
      case 2:
        return one_in(2) ? storage::FilterValue(whole()) : storage::FilterValue(real());
      case 3:
        return one_in(2);
      default:
        return JsonText{json()};
    }
  }

  storage::Filter on_metadata() {
    std::vector<std::string> path;
    for (std::size_t i = below(3) + (one_in(12) ? 0 : 1); i > 0; --i) path.push_back(path_name());
    const auto condition = [&](Op op, std::vector<storage::FilterValue> values) {
      return storage::Filter::condition(op, "metadata", path, std::move(values));
    };
    if (path.empty())
      return condition(one_in(2) ? Op::eq : Op::contains, {JsonText{json_object()}});
    switch (below(6)) {
      case 0:
        return condition(Op::is_null, {});
      case 1:
        return condition(pick(std::array{Op::lt, Op::le, Op::gt, Op::ge}), {metadata_value(true)});
      case 2:
        return condition(Op::starts_with, {text()});
      case 3:
        return condition(Op::in, {metadata_value(false), metadata_value(false)});
      default:
        return condition(pick(std::array{Op::eq, Op::ne, Op::contains}), {metadata_value(false)});
    }
  }

  // NOLINTBEGIN(cert-err58-cpp)
  inline static const std::vector<std::string> k_texts{
      "",       "a",         "A",      "ab",         "ab%",         "ab_",
      "ab\\",   "it's",      "\"q\"",  "\u00e4",     "\u00c4b",     "a\u0308",
      "\u65e5", "\ud7ff",    "\ue000", "\U0010ffff", "a\U0010ffff", "\x7f",
      "\u0080", "a\nb\tc\r", "$1",     "null",       "1",           "ab' or true --"};
  inline static const std::vector<std::string> k_names{"a",      "b",  "",     "0",
                                                       "\u00e4", "$2", "k.l'", "\"\\"};
  inline static const std::vector<std::string> k_numbers{"1",
                                                         "1.0",
                                                         "1e0",
                                                         "10",
                                                         "1e1",
                                                         "-0",
                                                         "0.00",
                                                         "0.1",
                                                         "0.5",
                                                         "-7",
                                                         "1e400",
                                                         "1e-400",
                                                         "-1e9",
                                                         "9007199254740993",
                                                         "9007199254740992.5"};
  inline static const std::vector<std::string> k_words{"true", "false", "null", "[]", "{}"};
  // NOLINTEND(cert-err58-cpp)

  std::mt19937 random_;
};

}  // namespace loci::test
