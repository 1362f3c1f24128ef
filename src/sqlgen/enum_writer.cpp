#include "sqlgen/enum_writer.hpp"

#include "sqlgen/cpp_names.hpp"

#include <limits>

namespace loci::sqlgen {

void write_enum(Header& header, std::uint32_t type, const CppTypes& types) {
  const TypeFacts& facts = *types.catalog().type(type);
  const std::string& name = *types.names().find(type);
  const std::string small = snake_case(name);
  const std::vector<std::string> values = enumerators(facts.labels, types.options());
  const bool fits_a_byte = values.size() <= std::numeric_limits<std::uint8_t>::max();

  header.line("/// The type " + facts.name + ".");
  header.line("enum class " + name + (fits_a_byte ? " : std::uint8_t {" : " : std::uint16_t {"));
  for (const std::string& value : values) header.line("  " + value + ",");
  header.line("};");
  header.line("inline constexpr std::array " + small + "_labels{");
  for (std::size_t i = 0; i < values.size(); ++i) {
    header.line("    " + types.root() + "pg::type::EnumLabel{" + name + "::" + values[i] + ", " +
                cpp_literal(facts.labels[i]) + "},");
  }
  header.line("};");
  header.line("using " + name + "Type = " + types.root() + "pg::type::Enum<" + small + "_labels>;");
  header.line();
  header.line("[[nodiscard]] constexpr std::string_view to_string(" + name + " value) noexcept {");
  header.line("  return " + name + "Type::text_of(value);");
  header.line("}");
  header.line("[[nodiscard]] constexpr std::optional<" + name + "> " + small +
              "_of(std::string_view text) noexcept {");
  header.line("  return " + name + "Type::value_of(text);");
  header.line("}");
  if (types.options().emit_all_enum_values) {
    header.line("[[nodiscard]] constexpr std::array<" + name + ", " +
                std::to_string(values.size()) + "> all_" + small + "_values() noexcept {");
    header.line("  return {");
    for (const std::string& value : values) header.line("      " + name + "::" + value + ",");
    header.line("  };");
    header.line("}");
  }
  if (types.options().emit_json) {
    header.line("inline void write_json(" + types.root() + "JsonWriter& out, " + name +
                " value) {");
    header.line("  out.value(to_string(value));");
    header.line("}");
    header.needs("<loci/pg/row_json.hpp>");
  }
  for (const char* needed :
       {"<loci/pg/types/enumeration.hpp>", "<array>", "<cstdint>", "<optional>", "<string_view>"}) {
    header.needs(needed);
  }
}

}  // namespace loci::sqlgen
