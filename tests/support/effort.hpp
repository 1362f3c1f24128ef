#pragma once
#include <cstdlib>

namespace loci::test {

/// Whether the tests that take minutes are to run in full: `./dev test --long`.
[[nodiscard]] inline bool in_full() {
  return std::getenv("LOCI_TEST_LONG") != nullptr;
}

/// Whether a sanitizer looks on: all takes several times as long, and memory is not what it is.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool k_sanitized = true;
#else
inline constexpr bool k_sanitized = false;
#endif

/// How often to do what finds more the more often it is done: `whole` times in full, else `some`,
/// and a few of those beside a sanitizer.
[[nodiscard]] inline int rounds(int whole, int some, int few) {
  if (in_full()) return whole;
  return k_sanitized ? few : some;
}

}  // namespace loci::test
