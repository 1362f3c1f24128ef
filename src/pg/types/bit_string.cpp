#include <loci/base/error.hpp>
#include <loci/pg/types/bit_string.hpp>

#include <limits>
#include <utility>

namespace loci {

BitString::BitString(std::size_t size, std::string packed)
    : size_(size), packed_(std::move(packed)) {
  if (packed_.size() != size / 8 + (size % 8 == 0 ? 0 : 1)) {
    throw Error(ErrorKind::invalid_argument, "a bit string's bytes are not as many as its bits");
  }
  if (size % 8 == 0) return;
  const unsigned used = 0xFF00U >> (size % 8);
  packed_.back() = static_cast<char>(static_cast<unsigned char>(packed_.back()) & used);
}

std::optional<BitString> BitString::parse(std::string_view text) {
  BitString bits(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '0' && text[i] != '1') return std::nullopt;
    if (text[i] == '1') bits.set(i, true);
  }
  return bits;
}

std::string BitString::str() const {
  std::string text(size_, '0');
  for (std::size_t i = 0; i < size_; ++i) {
    if ((*this)[i]) text[i] = '1';
  }
  return text;
}

void BitString::set(std::size_t index, bool bit) {
  const unsigned byte = static_cast<unsigned char>(packed_[index / 8]);
  packed_[index / 8] = static_cast<char>(bit ? byte | mask(index) : byte & ~mask(index));
}

}  // namespace loci

namespace loci::pg::type::detail {

void encode_bits(Encoder& out, const BitString& value) {
  if (value.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw Error(ErrorKind::invalid_argument, "a bit string is too long");
  }
  out.integer(static_cast<std::int32_t>(value.size()));
  out.raw(value.packed());
}

BitString decode_bits(std::string_view bytes) {
  Decoder in(bytes);
  const auto size = in.integer<std::uint32_t>();
  const std::string_view packed = in.raw((std::size_t{size} + 7) / 8);
  in.expect_end();
  return {size, std::string(packed)};
}

}  // namespace loci::pg::type::detail
