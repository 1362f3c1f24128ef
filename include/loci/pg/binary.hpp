#pragma once
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// PostgreSQL's binary format, byte by byte: big-endian integers, IEEE floats.
namespace loci::pg {

/// A type by its fixed OID, or by its name: what extensions and users make goes by another OID in
/// every database. Views must live for ever.
struct TypeId {
  std::uint32_t oid = 0;            ///< 0 for a type that goes by its name.
  std::string_view name = {};       ///< As SQL says it: `mood`, `app.mood[]`, `"Mood"`.
  std::string_view extension = {};  ///< Whose it is, in whatever schema. Empty: as SQL finds it.
  bool operator==(const TypeId&) const = default;
};

/// What a type that goes by its name is in one database.
struct KnownType {
  TypeId type;
  std::uint32_t oid = 0;
};

/// Bytes of parameters being built, and where OIDs of types that go by name are yet to be written.
class Encoder {
public:
  template <std::integral Integer>
  void integer(Integer value) {
    using Unsigned = std::make_unsigned_t<Integer>;
    auto bits = static_cast<Unsigned>(value);
    if constexpr (std::endian::native == std::endian::little && sizeof(Integer) > 1) {
      bits = std::byteswap(bits);
    }
    char raw[sizeof(Integer)];
    __builtin_memcpy(raw, &bits, sizeof raw);
    bytes_.append(raw, sizeof raw);
  }
  void real(float value) { integer(std::bit_cast<std::uint32_t>(value)); }
  void real(double value) { integer(std::bit_cast<std::uint64_t>(value)); }
  void raw(std::string_view bytes) { bytes_.append(bytes); }

  /// Four bytes of OID, filled in when the connection that sends them is known.
  void type(TypeId id) {
    if (id.oid == 0) open_types_.push_back({bytes_.size(), id});
    integer(id.oid);
  }

  /// Reserves four bytes for a length; end_length() writes how much was appended since.
  [[nodiscard]] std::size_t begin_length() {
    integer(std::int32_t{0});
    return bytes_.size();
  }
  void end_length(std::size_t begin) {
    overwrite(begin - 4, static_cast<std::uint32_t>(bytes_.size() - begin));
  }
  void overwrite(std::size_t at, std::uint32_t value) {
    if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
    __builtin_memcpy(bytes_.data() + at, &value, sizeof value);
  }

  struct OpenType {
    std::size_t at;
    TypeId type;
  };
  [[nodiscard]] const std::vector<OpenType>& open_types() const noexcept { return open_types_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::string take() { return std::move(bytes_); }
  /// Hands its bytes over and begins anew in the memory it is given.
  void exchange(std::string& bytes) {
    bytes_.swap(bytes);
    bytes_.clear();
    open_types_.clear();
  }

private:
  std::string bytes_;
  std::vector<OpenType> open_types_;
};

/// Reads one value's bytes from the front. Errors: Error{protocol} when they end too early.
class Decoder {
public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  template <std::integral Integer>
  [[nodiscard]] Integer integer() {
    const std::string_view part = raw(sizeof(Integer));
    std::make_unsigned_t<Integer> bits;
    __builtin_memcpy(&bits, part.data(), sizeof bits);
    if constexpr (std::endian::native == std::endian::little && sizeof(Integer) > 1) {
      bits = std::byteswap(bits);
    }
    return static_cast<Integer>(bits);
  }
  [[nodiscard]] float real32() { return std::bit_cast<float>(integer<std::uint32_t>()); }
  [[nodiscard]] double real64() { return std::bit_cast<double>(integer<std::uint64_t>()); }

  [[nodiscard]] std::string_view raw(std::size_t length) {
    if (length > rest_.size()) ended_early();
    const std::string_view part = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return part;
  }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

  /// Errors: Error{protocol} when bytes are left over.
  void expect_end() const {
    if (!rest_.empty()) left_over();
  }

private:
  [[noreturn]] static void ended_early();
  [[noreturn]] static void left_over();
  std::string_view rest_;
};

}  // namespace loci::pg
