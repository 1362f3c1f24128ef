#include "storage/filter_values.hpp"

#include <loci/base/error.hpp>
#include <loci/base/json_writer.hpp>

#include <chrono>
#include <cmath>
#include <type_traits>
#include <utility>
#include <variant>

#include "storage/input_checks.hpp"

namespace loci::storage {

namespace {

[[noreturn]] void refuse_value(std::string_view field, std::string_view why) {
  throw Error(ErrorKind::invalid_argument,
              "filter: " + std::string(field) + " " + std::string(why));
}

std::string_view wanted(FieldKind kind) {
  switch (kind) {
    case FieldKind::boolean:
      return "takes true or false";
    case FieldKind::integer:
      return "takes a whole number";
    case FieldKind::real:
      return "takes a number";
    case FieldKind::text:
      return "takes text";
    case FieldKind::uuid:
      return "takes a UUID";
    case FieldKind::time:
      return "takes a time, such as 2024-10-29T15:59:18Z";
    case FieldKind::metadata:
      break;
  }
  return "takes JSON";
}

FilterValue real_value(const FilterValue& value, std::string_view field) {
  double number = 0;
  if (const auto* real = std::get_if<double>(&value)) {
    number = *real;
  } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    number = static_cast<double>(*whole);
  } else if (const auto* json = std::get_if<JsonText>(&value)) {  // one of more digits
    require_jsonb(*json, "filter: " + std::string(field));
    const JsonDocument parsed = JsonDocument::parse(json->text);
    const auto read = parsed.root().number();
    if (!read) refuse_value(field, wanted(FieldKind::real));
    number = *read;
  } else {
    refuse_value(field, wanted(FieldKind::real));
  }
  if (!std::isfinite(number)) refuse_value(field, "takes a finite number");
  return number;
}

}  // namespace

std::string field_name(std::string_view field, const std::vector<std::string>& path) {
  std::string name(field);
  for (const std::string& part : path) name += "." + part;
  return name;
}

FilterValue column_value(FilterValue value, FieldKind kind, std::string_view field) {
  switch (kind) {
    case FieldKind::boolean:
      if (std::holds_alternative<bool>(value)) return value;
      break;
    case FieldKind::integer:
      if (std::holds_alternative<std::int64_t>(value)) return value;
      break;
    case FieldKind::real:
      return real_value(value, field);
    case FieldKind::text:
      if (const auto* text = std::get_if<std::string>(&value)) {
        require_storable(*text, "filter: " + std::string(field));
        return value;
      }
      break;
    case FieldKind::uuid:
      if (std::holds_alternative<Uuid>(value)) return value;
      if (const auto* text = std::get_if<std::string>(&value)) {
        if (const auto id = Uuid::parse(*text)) return *id;
      }
      break;
    case FieldKind::time:
      if (const auto* time = std::get_if<Timestamp>(&value)) {
        require_time(*time, "filter: " + std::string(field));
        return value;
      }
      if (const auto* text = std::get_if<std::string>(&value)) {
        if (const auto time = parse_timestamp(*text)) return *time;
      }
      break;
    case FieldKind::metadata:
      return metadata_value(value, field);
  }
  refuse_value(field, wanted(kind));
}

JsonText metadata_value(const FilterValue& value, std::string_view field) {
  return std::visit(
      [&](const auto& held) -> JsonText {
        using Held = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, JsonText>) {
          require_jsonb(held, "filter: " + std::string(field));
          return held;
        } else if constexpr (std::is_same_v<Held, Uuid> || std::is_same_v<Held, Timestamp>) {
          refuse_value(field, "holds JSON, which has no times and no UUIDs: compare it with text");
        } else {
          if constexpr (std::is_same_v<Held, std::string>) {
            require_storable(held, "filter: " + std::string(field));
          }
          if constexpr (std::is_same_v<Held, double>) {
            if (!std::isfinite(held)) refuse_value(field, "takes a finite number");
          }
          return JsonText{JsonWriter().value(held).text()};
        }
      },
      value);
}

}  // namespace loci::storage
