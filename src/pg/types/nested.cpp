#include <loci/base/error.hpp>
#include <loci/pg/types/nested.hpp>
#include <loci/pg/types/scalar.hpp>

#include <string>

namespace loci::pg::type::detail {
namespace {

// Types of initdb's own list have OIDs below this; what comes later (domains, enums, extensions)
// has others in every database.
constexpr std::uint32_t k_first_unassigned_oid = 10'000;

}  // namespace

std::optional<std::string_view> nested_bytes(Decoder& in) {
  const auto length = in.integer<std::int32_t>();
  if (length == -1) return std::nullopt;
  if (length < -1) throw Error(ErrorKind::protocol, "a nested value has a negative length");
  return in.raw(static_cast<std::size_t>(length));
}

std::string_view nested_bytes_not_null(Decoder& in, const char* what) {
  const auto bytes = nested_bytes(in);
  if (!bytes) {
    throw Error(ErrorKind::protocol, std::string(what) + " that must not hold NULL holds one");
  }
  return *bytes;
}

void check_nested_type(std::uint32_t oid, TypeId expected) {
  if (expected.oid == Text::id.oid) return;  // stands for varchar, name and others
  if (!expected.name.empty() && expected.extension.empty()) return;  // may be called by any name
  if (oid == expected.oid || oid >= k_first_unassigned_oid) return;
  throw Error(ErrorKind::protocol,
              "nested values are of type " + std::to_string(oid) + ", not of type " +
                  (expected.oid == 0 ? std::string(expected.name) : std::to_string(expected.oid)));
}

}  // namespace loci::pg::type::detail
