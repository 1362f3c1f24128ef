#include <loci/base/uuid.hpp>

#include <xxhash.h>
#include <random>

namespace loci {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

void put_time(Bytes& bytes, std::uint64_t milliseconds) {
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  }
}

void put_version(Bytes& bytes, std::uint8_t version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | version << 4);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
}

std::uint64_t unix_milliseconds(Timestamp time) {
  const auto count =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Uuid Uuid::v7() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  thread_local std::uint64_t last_time = 0;
  thread_local std::uint32_t counter = 0;

  std::uint64_t time = unix_milliseconds(now());
  if (time <= last_time) {
    // Twelve bits of counter; when they are spent, borrow the next millisecond (RFC 9562, 6.2).
    time = last_time;
    if (++counter > 0xfff) {
      counter = 0;
      ++time;
    }
  } else {
    counter = static_cast<std::uint32_t>(random() & 0x7ff);
  }
  last_time = time;

  Bytes bytes{};
  put_time(bytes, time);
  bytes[6] = static_cast<std::uint8_t>(counter >> 8);
  bytes[7] = static_cast<std::uint8_t>(counter);
  const std::uint64_t tail = random();
  for (std::size_t i = 0; i < 8; ++i) bytes[8 + i] = static_cast<std::uint8_t>(tail >> (8 * i));
  put_version(bytes, 7);
  return Uuid(bytes);
}

Uuid Uuid::derived(Timestamp time, std::string_view name) {
  const XXH128_hash_t hash = XXH3_128bits(name.data(), name.size());
  Bytes bytes{};
  put_time(bytes, unix_milliseconds(time));
  bytes[6] = static_cast<std::uint8_t>(hash.high64 >> 8);
  bytes[7] = static_cast<std::uint8_t>(hash.high64);
  for (std::size_t i = 0; i < 8; ++i)
    bytes[8 + i] = static_cast<std::uint8_t>(hash.low64 >> (8 * i));
  put_version(bytes, 8);
  return Uuid(bytes);
}

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
  if (text.size() != 36) return std::nullopt;
  Bytes bytes{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < 36;) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-') return std::nullopt;
      continue;
    }
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[at++] = static_cast<std::uint8_t>(high << 4 | low);
    i += 2;
  }
  return Uuid(bytes);
}

std::string Uuid::str() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[bytes_[i] >> 4];
    text += digits[bytes_[i] & 15];
  }
  return text;
}

}  // namespace loci
