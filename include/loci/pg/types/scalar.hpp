#pragma once
#include <loci/base/uuid.hpp>
#include <loci/pg/binary.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// Types whose binary form is one number or plain bytes.
namespace loci::pg::type {

struct Bool {
  using Value = bool;
  static constexpr TypeId id{16};
  static void encode(Encoder& out, bool value) { out.integer(static_cast<std::uint8_t>(value)); }
  static bool decode(std::string_view bytes);
};

template <class Integer, std::uint32_t oid>
struct IntegerType {
  using Value = Integer;
  static constexpr TypeId id{oid};
  static void encode(Encoder& out, Integer value) { out.integer(value); }
  static Integer decode(std::string_view bytes) {
    Decoder in(bytes);
    const auto value = in.integer<Integer>();
    in.expect_end();
    return value;
  }
};
using Int2 = IntegerType<std::int16_t, 21>;
using Int4 = IntegerType<std::int32_t, 23>;
using Int8 = IntegerType<std::int64_t, 20>;
using Oid = IntegerType<std::uint32_t, 26>;

struct Float4 {
  using Value = float;
  static constexpr TypeId id{700};
  static void encode(Encoder& out, float value) { out.real(value); }
  static float decode(std::string_view bytes);
};
struct Float8 {
  using Value = double;
  static constexpr TypeId id{701};
  static void encode(Encoder& out, double value) { out.real(value); }
  static double decode(std::string_view bytes);
};

/// text, varchar, name and anything else whose binary form is its text.
struct Text {
  using Value = std::string;
  static constexpr TypeId id{25};
  static void encode(Encoder& out, std::string_view value) { out.raw(value); }
  static std::string decode(std::string_view bytes) { return std::string(bytes); }
};
struct Bytea {
  using Value = std::string;  ///< Raw bytes.
  static constexpr TypeId id{17};
  static void encode(Encoder& out, std::string_view value) { out.raw(value); }
  static std::string decode(std::string_view bytes) { return std::string(bytes); }
};
struct Uuid {
  using Value = loci::Uuid;
  static constexpr TypeId id{2950};
  static void encode(Encoder& out, const loci::Uuid& value);
  static loci::Uuid decode(std::string_view bytes);
};

}  // namespace loci::pg::type
