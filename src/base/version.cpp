#include <loci/base/version.hpp>

#include <charconv>

namespace loci {

std::optional<Version> Version::parse(std::string_view text) noexcept {
  Version version;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int* part : {&version.major, &version.minor, &version.patch}) {
    const auto [rest, error] = std::from_chars(at, end, *part);
    if (error != std::errc() || *part < 0) {
      return part == &version.major ? std::nullopt : std::optional(version);
    }
    at = rest;
    if (at == end || *at != '.') break;
    ++at;
  }
  return version;
}

}  // namespace loci
