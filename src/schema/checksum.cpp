#include "schema/checksum.hpp"

#include <xxhash.h>
#include <algorithm>
#include <format>
#include <iterator>

namespace loci::schema {

std::string checksum(std::string_view text) {
  std::string normalised;
  std::ranges::copy_if(text, std::back_inserter(normalised), [](char c) { return c != '\r'; });
  const XXH128_hash_t hash = XXH3_128bits(normalised.data(), normalised.size());
  return std::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace loci::schema
