#include "sqlgen/cpp_type.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace loci::sqlgen {
namespace {

/// One supported type. A `*` before a C++ type says that it lives in namespace loci. The header has
/// both the C++ type and, unless <loci/pg/types.hpp> has that, the tag.
struct Row {
  std::uint32_t oid;
  std::string_view tag;
  std::string_view value;
  std::string_view initial;
  std::string_view header;
};

constexpr std::uint32_t text_oid = 25;
constexpr std::string_view common = "<loci/pg/types.hpp>";
constexpr std::string_view numeric = "<loci/pg/types/numeric.hpp>";
constexpr std::string_view range = "<loci/pg/types/range.hpp>";
constexpr std::string_view bit_string = "<loci/pg/types/bit_string.hpp>";
constexpr auto rows = std::to_array<Row>({
    {16, "Bool", "bool", "= false", ""},
    {17, "Bytea", "std::string", "", "<string>"},
    {19, "Text", "std::string", "", "<string>"},  // name
    {20, "Int8", "std::int64_t", "= 0", "<cstdint>"},
    {21, "Int2", "std::int16_t", "= 0", "<cstdint>"},
    {23, "Int4", "std::int32_t", "= 0", "<cstdint>"},
    {text_oid, "Text", "std::string", "", "<string>"},
    {26, "Oid", "std::uint32_t", "= 0", "<cstdint>"},
    {114, "Json", "*JsonText", "", "<loci/base/json.hpp>"},
    {700, "Float4", "float", "= 0", ""},
    {701, "Float8", "double", "= 0", ""},
    {1042, "Text", "std::string", "", "<string>"},  // bpchar
    {1043, "Text", "std::string", "", "<string>"},  // varchar
    {1082, "Date", "std::chrono::sys_days", "{}", "<chrono>"},
    {1083, "Time", "std::chrono::microseconds", "{}", "<chrono>"},
    {1114, "Timestamp", "*LocalTimestamp", "{}", common},
    {1184, "Timestamptz", "*Timestamp", "{}", "<loci/base/time.hpp>"},
    {1186, "Interval", "*Interval", "", common},
    {1560, "Bit", "*BitString", "", bit_string},
    {1562, "Varbit", "*BitString", "", bit_string},
    {1700, "Numeric", "*Decimal", "", numeric},
    {2950, "Uuid", "*Uuid", "", "<loci/base/uuid.hpp>"},
    {3802, "Jsonb", "*JsonText", "", "<loci/base/json.hpp>"},
    {3904, "Int4Range", "*Range<std::int32_t>", "", range},
    {3906, "NumRange", "*Range<*Decimal>", "", range},
    {3908, "TsRange", "*Range<*LocalTimestamp>", "", range},
    {3910, "TstzRange", "*Range<*Timestamp>", "", range},
    {3912, "DateRange", "*Range<std::chrono::sys_days>", "", range},
    {3926, "Int8Range", "*Range<std::int64_t>", "", range},
});

/// Types of the extension `vector`, known by name.
struct ExtensionRow {
  std::string_view name;
  Row row;
};
constexpr auto extension_rows = std::to_array<ExtensionRow>({
    {"vector", {0, "Vector", "*Vector", "", common}},
    {"halfvec", {0, "Halfvec", "*Vector", "", common}},
    {"sparsevec", {0, "Sparsevec", "*SparseVector", "", common}},
});

const Row* find_row(const Catalog& catalog, std::uint32_t type) {
  const TypeFacts* facts = catalog.type(type);
  if (facts != nullptr && facts->extension == "vector") {
    const std::string_view full = facts->name;
    const auto found =
        std::ranges::find(extension_rows, full.substr(full.rfind('.') + 1), &ExtensionRow::name);
    return found == extension_rows.end() ? nullptr : &found->row;
  }
  const auto found = std::ranges::find(rows, type, &Row::oid);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

std::optional<CppType> cpp_type(const Catalog& catalog, std::uint32_t type, ArrayElements elements,
                                const std::string& root) {
  const std::uint32_t base = catalog.base_type(type);
  const TypeFacts* facts = catalog.type(base);
  if (facts != nullptr && facts->kind == TypeFacts::Kind::array) {
    const TypeFacts* element_facts = catalog.type(catalog.base_type(facts->inner));
    if (element_facts != nullptr && element_facts->kind == TypeFacts::Kind::array) return {};
    auto element = cpp_type(catalog, facts->inner, elements, root);
    if (!element) return std::nullopt;
    const bool nullable = elements == ArrayElements::nullable;
    const std::string tag = std::move(element->tag);
    if (nullable) *element = optional_of(std::move(*element));
    element->headers.insert("<vector>");
    return CppType{
        root + (nullable ? "pg::type::ArrayOfNullable<" : "pg::type::Array<") + tag + ">",
        "std::vector<" + element->value + ">",
        {},
        std::move(element->headers)};
  }
  const Row* row = find_row(catalog, base);
  if (row == nullptr) return std::nullopt;
  CppType made{root + "pg::type::" + std::string(row->tag),
               std::string(row->value),
               std::string(row->initial),
               {}};
  for (std::size_t at = 0; (at = made.value.find('*', at)) != std::string::npos;) {
    made.value.replace(at, 1, root);
  }
  if (!row->header.empty()) made.headers.emplace(row->header);
  return made;
}

CppType optional_of(CppType type) {
  type.value = "std::optional<" + type.value + ">";
  type.initial.clear();
  type.headers.insert("<optional>");
  return type;
}

std::optional<std::string> array_to_cast_to(const Catalog& catalog, std::uint32_t type) {
  const TypeFacts* facts = catalog.type(catalog.base_type(type));
  if (facts == nullptr || facts->kind != TypeFacts::Kind::array) return std::nullopt;
  const std::uint32_t element = catalog.base_type(facts->inner);
  const Row* row = find_row(catalog, element);
  if (row == nullptr) return std::nullopt;
  if (row->tag == "Text" && element != text_oid) return "text[]";
  // An array of a domain carries the domain's own OID.
  if (element != facts->inner) return catalog.type_name(element) + "[]";
  return std::nullopt;
}

}  // namespace loci::sqlgen
