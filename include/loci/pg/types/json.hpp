#pragma once
#include <loci/base/json_text.hpp>
#include <loci/pg/binary.hpp>

#include <string>
#include <string_view>

namespace loci::pg::type {

/// Keeps its text verbatim.
struct Json {
  using Value = JsonText;
  static constexpr TypeId id{114};
  static void encode(Encoder& out, const JsonText& value) { out.raw(value.text); }
  static JsonText decode(std::string_view bytes) { return {std::string(bytes)}; }
};
/// Normalised by the server: order, spaces and repeated keys are not kept.
struct Jsonb {
  using Value = JsonText;
  static constexpr TypeId id{3802};
  static void encode(Encoder& out, const JsonText& value);
  static JsonText decode(std::string_view bytes);
};

}  // namespace loci::pg::type
