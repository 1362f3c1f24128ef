#pragma once
#include <loci/pg/binary.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loci {

/// Any number of bits, the first one leftmost in text.
class BitString {
public:
  BitString() = default;
  /// All zeros.
  explicit BitString(std::size_t size) : size_(size), packed_((size + 7) / 8, '\0') {}
  /// Bits packed by eight, each byte's highest first; what is left over in the last byte is
  /// cleared. Errors: Error{invalid_argument} when there are more or fewer bytes than `size` takes.
  BitString(std::size_t size, std::string packed);

  /// From `0101`; nullopt when there is another letter in it.
  [[nodiscard]] static std::optional<BitString> parse(std::string_view text);
  [[nodiscard]] std::string str() const;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Preconditions: `index` < size().
  [[nodiscard]] bool operator[](std::size_t index) const {
    return (static_cast<unsigned char>(packed_[index / 8]) & mask(index)) != 0;
  }
  /// Preconditions: `index` < size().
  void set(std::size_t index, bool bit);
  [[nodiscard]] const std::string& packed() const noexcept { return packed_; }

  bool operator==(const BitString&) const = default;

private:
  static unsigned mask(std::size_t index) { return 0x80U >> (index % 8); }
  std::size_t size_ = 0;
  std::string packed_;
};

}  // namespace loci

namespace loci::pg::type {

namespace detail {
void encode_bits(Encoder& out, const BitString& value);
BitString decode_bits(std::string_view bytes);
}  // namespace detail

/// bit(n) and bit varying go alike; a parameter of another length than a bit(n) column is refused
/// by the server.
template <std::uint32_t oid>
struct BitsOf {
  using Value = BitString;
  static constexpr TypeId id{oid};
  static void encode(Encoder& out, const BitString& value) { detail::encode_bits(out, value); }
  static BitString decode(std::string_view bytes) { return detail::decode_bits(bytes); }
};
using Bit = BitsOf<1560>;
using Varbit = BitsOf<1562>;

}  // namespace loci::pg::type
