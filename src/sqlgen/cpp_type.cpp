#include "sqlgen/cpp_type.hpp"

#include <loci/pg/quote.hpp>

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <string_view>
#include <utility>

#include "sqlgen/header.hpp"

namespace loci::sqlgen {
namespace {

/// One supported type. A `*` before a C++ type says that it lives in namespace loci. `header` has
/// the C++ type, `codec` the tag.
struct Row {
  std::uint32_t oid;
  std::string_view tag;
  std::string_view value;
  std::string_view initial;
  std::string_view header;
  std::string_view codec;
};

constexpr std::uint32_t text_oid = 25;
constexpr std::string_view scalar = "<loci/pg/types/scalar.hpp>";
constexpr std::string_view json = "<loci/pg/types/json.hpp>";
constexpr std::string_view json_text = "<loci/base/json_text.hpp>";
constexpr std::string_view temporal = "<loci/pg/types/temporal.hpp>";
constexpr std::string_view local = "<loci/pg/types/local_timestamp.hpp>";
constexpr std::string_view clock = "<loci/base/clock.hpp>";
constexpr std::string_view numeric = "<loci/pg/types/numeric.hpp>";
constexpr std::string_view range = "<loci/pg/types/range.hpp>";
constexpr std::string_view bit_string = "<loci/pg/types/bit_string.hpp>";
constexpr std::string_view vector = "<loci/pg/types/vector.hpp>";
constexpr auto rows = std::to_array<Row>({
    {16, "Bool", "bool", "= false", "", scalar},
    {17, "Bytea", "std::string", "", "<string>", scalar},
    {19, "Text", "std::string", "", "<string>", scalar},  // name
    {20, "Int8", "std::int64_t", "= 0", "<cstdint>", scalar},
    {21, "Int2", "std::int16_t", "= 0", "<cstdint>", scalar},
    {23, "Int4", "std::int32_t", "= 0", "<cstdint>", scalar},
    {text_oid, "Text", "std::string", "", "<string>", scalar},
    {26, "Oid", "std::uint32_t", "= 0", "<cstdint>", scalar},
    {114, "Json", "*JsonText", "", json_text, json},
    {700, "Float4", "float", "= 0", "", scalar},
    {701, "Float8", "double", "= 0", "", scalar},
    {1042, "Text", "std::string", "", "<string>", scalar},  // bpchar
    {1043, "Text", "std::string", "", "<string>", scalar},  // varchar
    {1082, "Date", "std::chrono::sys_days", "{}", clock, temporal},
    {1083, "Time", "std::chrono::microseconds", "{}", clock, temporal},
    {1114, "Timestamp", "*LocalTimestamp", "{}", local, local},
    {1184, "Timestamptz", "*Timestamp", "{}", "<loci/base/time.hpp>", temporal},
    {1186, "Interval", "*Interval", "", temporal, temporal},
    {1560, "Bit", "*BitString", "", bit_string, bit_string},
    {1562, "Varbit", "*BitString", "", bit_string, bit_string},
    {1700, "Numeric", "*Decimal", "", numeric, numeric},
    {2950, "Uuid", "*Uuid", "", "<loci/base/uuid.hpp>", scalar},
    {3802, "Jsonb", "*JsonText", "", json_text, json},
    {3904, "Int4Range", "*Range<std::int32_t>", "", range, range},
    {3906, "NumRange", "*Range<*Decimal>", "", range, range},
    {3908, "TsRange", "*Range<*LocalTimestamp>", "", local, range},
    {3910, "TstzRange", "*Range<*Timestamp>", "", range, range},
    {3912, "DateRange", "*Range<std::chrono::sys_days>", "", range, range},
    {3926, "Int8Range", "*Range<std::int64_t>", "", range, range},
});

/// Types of the extension `vector`, known by name.
struct ExtensionRow {
  std::string_view name;
  Row row;
};
constexpr auto extension_rows = std::to_array<ExtensionRow>({
    {"vector", {0, "Vector", "*Vector", "", vector, vector}},
    {"halfvec", {0, "Halfvec", "*Vector", "", vector, vector}},
    {"sparsevec", {0, "Sparsevec", "*SparseVector", "", vector, vector}},
});

const Row* find_row(const Catalog& catalog, std::uint32_t type) {
  const TypeFacts* facts = catalog.type(type);
  if (facts != nullptr && facts->extension == "citext" && facts->kind == TypeFacts::Kind::base) {
    type = text_oid;  // its binary form is text's
  }
  if (facts != nullptr && facts->extension == "vector") {
    const std::string_view full = facts->name;
    const auto found =
        std::ranges::find(extension_rows, full.substr(full.rfind('.') + 1), &ExtensionRow::name);
    return found == extension_rows.end() ? nullptr : &found->row;
  }
  const auto found = std::ranges::find(rows, type, &Row::oid);
  return found == rows.end() ? nullptr : &*found;
}

/// SQL's own spellings of types that the catalog calls otherwise.
constexpr auto spellings = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"bigint", "int8"},
    {"bigserial", "int8"},
    {"boolean", "bool"},
    {"character", "bpchar"},
    {"character varying", "varchar"},
    {"decimal", "numeric"},
    {"double precision", "float8"},
    {"int", "int4"},
    {"integer", "int4"},
    {"real", "float4"},
    {"serial", "int4"},
    {"smallint", "int2"},
    {"smallserial", "int2"},
    {"time without time zone", "time"},
    {"timestamp with time zone", "timestamptz"},
    {"timestamp without time zone", "timestamp"},
});

bool names_type(std::string_view spelling, std::string_view name) {
  constexpr std::string_view catalog_schema = "pg_catalog.";
  if (spelling.starts_with(catalog_schema)) spelling.remove_prefix(catalog_schema.size());
  const auto known =
      std::ranges::find(spellings, spelling, &decltype(spellings)::value_type::first);
  return (known == spellings.end() ? spelling : known->second) == name;
}

bool fits(const std::string& pattern, const std::string& name) {
  return pattern == name || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

/// Whether `spelling` is `table.column` or `schema.table.column` of this one, part by part.
bool names_column(const std::string& spelling, const TableFacts& table, const TableColumn& column) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(spelling, '.')) {
    parts.emplace_back(std::string_view(part));
  }
  if (parts.size() == 2) parts.insert(parts.begin(), "*");
  return parts.size() == 3 && fits(parts[0], table.schema) && fits(parts[1], table.name) &&
         fits(parts[2], column.name);
}

/// `app.mood` as SQL takes it whatever it is called.
std::string quoted_type(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return pg::quote_identifier(name);
  return pg::quote_identifier(name.substr(0, dot)) + "." +
         pg::quote_identifier(name.substr(dot + 1));
}

}  // namespace

CppTypes::CppTypes(const Catalog& catalog, const EmitOptions& options)
    : catalog_(catalog),
      options_(options),
      names_(catalog, options),
      root_(options.name_space.starts_with("loci::") ? "" : "loci::") {}

std::optional<CppType> CppTypes::find(std::uint32_t type, ArrayElements elements,
                                      TableColumnId column) const {
  for (std::uint32_t oid = type;;) {  // a domain may be overridden itself, or what it stands for
    if (auto mine = overridden(oid, column)) return mine;
    const TypeFacts* facts = catalog_.type(oid);
    if (facts == nullptr || facts->kind != TypeFacts::Kind::domain) break;
    oid = facts->inner;
  }
  const std::uint32_t base = catalog_.base_type(type);
  if (const TypeFacts* facts = catalog_.type(base);
      facts != nullptr && facts->kind == TypeFacts::Kind::array) {
    return array(*facts, elements, false);
  }
  if (const std::string* name = names_.find(base)) {
    const TypeFacts& facts = *catalog_.type(base);
    const bool composite = facts.kind == TypeFacts::Kind::composite;
    const auto known = [this](const TypeFacts::Field& field) {
      return find(field.type, ArrayElements::nullable).has_value();
    };
    if (!std::ranges::all_of(facts.fields, known)) return std::nullopt;
    return CppType{.tag = "models::" + *name + "Type",
                   .value = "models::" + *name,
                   .initial = composite ? "" : "{}",
                   .headers = {"\"models.hpp\""},
                   .enumeration = composite ? 0 : base,
                   .composite = composite ? base : 0};
  }
  const Row* row = find_row(catalog_, base);
  if (row == nullptr) return std::nullopt;
  CppType made{root_ + "pg::type::" + std::string(row->tag),
               std::string(row->value),
               std::string(row->initial),
               {}};
  for (std::size_t at = 0; (at = made.value.find('*', at)) != std::string::npos;) {
    made.value.replace(at, 1, root_);
  }
  if (!row->header.empty()) made.headers.emplace(row->header);
  if (row->codec == range) made.headers.emplace(range);  // its bounds may have another header
  made.codecs.emplace(row->codec);
  return made;
}

std::optional<CppType> CppTypes::overridden(std::uint32_t type, TableColumnId column) const {
  const TableFacts* table = catalog_.table(column.table);
  const TableColumn* facts = table != nullptr ? table->column(column.column) : nullptr;
  const auto by_column = [&](const TypeOverride& mine) {
    return facts != nullptr && names_column(mine.column, *table, *facts);
  };
  const auto by_type = [&](const TypeOverride& mine) {
    return names_type(mine.db_type, catalog_.type_name(type));
  };
  const auto& all = options_.overrides;
  auto found = std::ranges::find_if(all, by_column);
  if (found == all.end()) found = std::ranges::find_if(all, by_type);
  if (found == all.end()) return std::nullopt;
  CppType made{found->codec, found->type, "{}", {}};
  if (!found->header.empty()) made.headers.insert(found->header);
  return made;
}

std::optional<CppType> CppTypes::find_sent(std::uint32_t type, ArrayElements elements,
                                           TableColumnId column) const {
  if (cast_of_sent(type).empty()) return find(type, elements, column);
  return array(*catalog_.type(catalog_.base_type(type)), elements, true);
}

std::optional<CppType> CppTypes::array(const TypeFacts& facts, ArrayElements elements,
                                       bool sent) const {
  const TypeFacts* inner = catalog_.type(catalog_.base_type(facts.inner));
  if (inner != nullptr && inner->kind == TypeFacts::Kind::array) return std::nullopt;
  auto element = find(facts.inner, elements);
  if (!element) return std::nullopt;
  const bool nullable = elements == ArrayElements::nullable;
  std::string tag = std::move(element->tag);
  if (sent && element->enumeration != 0) {
    tag = root_ + "pg::type::LabelText<" + tag + ">";
    element->codecs.insert("<loci/pg/types/enumeration.hpp>");
  }
  if (nullable) *element = optional_of(std::move(*element));
  element->headers.insert("<vector>");
  element->codecs.insert("<loci/pg/types/array.hpp>");
  return CppType{
      .tag = root_ + (nullable ? "pg::type::ArrayOfNullable<" : "pg::type::Array<") + tag + ">",
      .value = "std::vector<" + element->value + ">",
      .initial = {},
      .headers = std::move(element->headers),
      .codecs = std::move(element->codecs),
      .enumeration = element->enumeration,
      .composite = element->composite};
}

std::string CppTypes::tag_of_field(std::uint32_t type) const {
  const TypeFacts& facts = *catalog_.type(type);
  const TypeFacts& base = *catalog_.type(catalog_.base_type(type));
  const bool mine = overridden(type, {}).has_value();
  std::string tag = find(type, ArrayElements::nullable).value().tag;
  if (base.kind == TypeFacts::Kind::array && !mine) {
    tag = root_ + "pg::type::ArrayOfNullable<" + tag_of_field(base.inner) + ">";
  }
  const Row* row = find_row(catalog_, type);
  const bool says_its_type = facts.kind == TypeFacts::Kind::composite ||
                             (row != nullptr && (row->tag != "Text" || type == text_oid));
  if (says_its_type && !mine) return tag;
  return root_ + "pg::type::Named<" + cpp_literal(facts.sql_name) + ", " + tag + ">";
}

std::string CppTypes::cast_of_sent(std::uint32_t type) const {
  const TypeFacts* facts = catalog_.type(catalog_.base_type(type));
  if (facts == nullptr || facts->kind != TypeFacts::Kind::array) return {};
  if (overridden(type, {}) || overridden(facts->inner, {})) return {};
  const std::uint32_t element = catalog_.base_type(facts->inner);
  const Row* row = find_row(catalog_, element);
  const TypeFacts* element_facts = catalog_.type(element);
  const bool is_enum =
      element_facts != nullptr && element_facts->kind == TypeFacts::Kind::enumeration;
  const bool is_text = is_enum || (row != nullptr && row->tag == "Text");
  if (element_facts != nullptr && element_facts->kind == TypeFacts::Kind::composite) return {};
  if (!is_text && (row == nullptr || element == facts->inner)) return {};
  if (facts->inner == text_oid) return {};
  return "::" + (is_text ? "text" : catalog_.type_name(element)) +
         "[]::" + quoted_type(catalog_.type_name(facts->inner)) + "[]";
}

bool CppTypes::can_copy(std::uint32_t type) const {
  const TypeFacts* facts = catalog_.type(catalog_.base_type(type));
  if (facts != nullptr && facts->kind == TypeFacts::Kind::composite) return false;
  if (facts == nullptr || facts->kind != TypeFacts::Kind::array) return true;
  const TypeFacts* element = catalog_.type(catalog_.base_type(facts->inner));
  return cast_of_sent(type).empty() &&
         (element == nullptr ||
          (element->extension.empty() && element->kind != TypeFacts::Kind::composite));
}

std::vector<std::string> idle_overrides(const Catalog& catalog, const EmitOptions& options) {
  const auto names_a_column = [&](const TypeOverride& mine) {
    return std::ranges::any_of(catalog.tables | std::views::values, [&](const TableFacts& table) {
      return std::ranges::any_of(table.columns, [&](const TableColumn& column) {
        return names_column(mine.column, table, column);
      });
    });
  };
  const auto names_a_type = [&](const TypeOverride& mine) {
    return std::ranges::any_of(catalog.types | std::views::values, [&](const TypeFacts& type) {
      return names_type(mine.db_type, type.name);
    });
  };
  std::vector<std::string> idle;
  for (const TypeOverride& mine : options.overrides) {
    if (mine.shared || names_a_column(mine) || names_a_type(mine)) continue;
    idle.push_back(mine.column.empty() ? "no type is called " + mine.db_type
                                       : "no column is called " + mine.column);
  }
  return idle;
}

CppType optional_of(CppType type) {
  type.value = "std::optional<" + type.value + ">";
  type.initial.clear();
  type.headers.insert("<optional>");
  return type;
}

}  // namespace loci::sqlgen
