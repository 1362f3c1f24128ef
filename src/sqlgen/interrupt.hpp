#pragma once

/// Ctrl-C, for a program that must stop its private server before it goes.
namespace loci::sqlgen {

/// From now on, the first SIGINT or SIGTERM only makes interrupted() true; the next one ends the
/// program.
void watch_interrupts();

[[nodiscard]] bool interrupted() noexcept;

/// Errors: Error{cancelled} once interrupted() is true.
void check_interrupt();

}  // namespace loci::sqlgen
