// Any bytes as a value from the server: decoded, or Error{protocol}.
#include <loci/base/error.hpp>
#include <loci/pg/types.hpp>
#include <loci/pg/types/bit_string.hpp>
#include <loci/pg/types/numeric.hpp>
#include <loci/pg/types/range.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace {

namespace type = loci::pg::type;

template <class Type>
void decode(std::string_view bytes) {
  try {
    (void)Type::decode(bytes);
  } catch (const loci::Error& error) {
    if (error.kind() != loci::ErrorKind::protocol) __builtin_trap();
  }
}

template <class... Types>
constexpr auto all() {
  return std::array<void (*)(std::string_view), sizeof...(Types)>{decode<Types>...};
}

constexpr auto k_decoders =
    all<type::Bool, type::Int2, type::Int8, type::Float8, type::Uuid, type::Timestamptz, type::Date,
        type::Time, type::Interval, type::Jsonb, type::Vector, type::Halfvec, type::Sparsevec,
        type::Numeric, type::Varbit, type::Array<type::Text>, type::ArrayOfNullable<type::Numeric>,
        type::Int8Range, type::Array<type::Vector>>();

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  k_decoders[data[0] % k_decoders.size()](bytes.substr(1));
  return 0;
}
