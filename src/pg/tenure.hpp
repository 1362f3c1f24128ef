#pragma once
#include <chrono>
#include <cstdint>

namespace loci::pg {

/// What a connection has shown of its server, besides the answers to statements.
enum class Fault : std::uint8_t {
  none,
  lost,       ///< The connection ended: perhaps this one alone.
  leaving,    ///< The server shuts down or has crashed (57P01 to 57P03).
  read_only,  ///< The server refuses to write (25006): it is not the primary, or no more.
};

/// A connection's time in its pool: the pool's notes, kept beside the connection.
struct Tenure {
  using Clock = std::chrono::steady_clock;

  Clock::time_point opened;
  Clock::time_point expires;    ///< To be closed then, when it is free.
  Clock::time_point last_used;  ///< When it last came back from a caller.
  Clock::time_point proven;     ///< When the server last answered on it.
  std::uint64_t epoch = 0;      ///< Connections of an epoch that is over are closed.
  std::uint64_t uses = 0;
  Clock::duration waited{};       ///< By who has it now, for it; until it is told with a statement.
  bool read_only_server = false;  ///< As the server was when it was opened.

  /// `chance` is even in [0, 1): that share of `jitter` is taken off the lifetime. A lifetime of
  /// zero: for ever.
  [[nodiscard]] static Tenure begun(Clock::time_point now, std::chrono::milliseconds lifetime,
                                    std::chrono::milliseconds jitter, double chance,
                                    std::uint64_t epoch) {
    const std::chrono::milliseconds cut(
        static_cast<std::chrono::milliseconds::rep>(static_cast<double>(jitter.count()) * chance));
    return {.opened = now,
            .expires = lifetime.count() > 0 ? now + lifetime - cut : Clock::time_point::max(),
            .last_used = now,
            .proven = now,
            .epoch = epoch};
  }
  [[nodiscard]] bool expired(Clock::time_point now) const { return now >= expires; }
};

}  // namespace loci::pg
