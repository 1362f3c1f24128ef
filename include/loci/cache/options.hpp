#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// What the caches may do. Nothing acts on it yet: the settings file reads, checks and shows these
/// keys, and the cache will take its options from here.
namespace loci::cache {

enum class L1Type : std::uint8_t { none, memory };
enum class L2Type : std::uint8_t { none, redis };

/// What makes an entry go before its time.
enum class InvalidationStrategy : std::uint8_t {
  ttl,     ///< Nothing: it stays until its time is over.
  write,   ///< A write through the same storage.
  notify,  ///< A write through any storage on the database, told by NOTIFY.
};

/// The cache in the memory of this process.
struct L1Options {
  L1Type type = L1Type::none;
  std::uint64_t size = 64 << 20;  ///< Bytes of all entries together.
  std::chrono::milliseconds ttl = std::chrono::minutes(5);
};

/// The cache that processes share.
struct L2Options {
  L2Type type = L2Type::none;
  std::string endpoint;  ///< `redis://[USER:PASSWORD@]HOST:PORT`.
  std::chrono::milliseconds ttl = std::chrono::hours(1);
  int max_connections = 10;
};

struct InvalidationOptions {
  InvalidationStrategy strategy = InvalidationStrategy::notify;
  std::vector<std::string> patterns;  ///< Of the keys it holds for, `conversation:*`; none: all.
};

struct CacheOptions {
  L1Options l1;
  L2Options l2;
  InvalidationOptions invalidation;
};

}  // namespace loci::cache
