#pragma once
#include <string>
#include <string_view>

/// Loci's own log: structured lines on standard error, `time level event key=value ...`.
/// Safe from any thread. Never pass message content, parameters or secrets.
namespace loci::log {

enum class Level { debug, info, warn, error, off };

/// Lines below `level` are dropped; the default is warn. A library does not chat.
void set_level(Level level);
[[nodiscard]] bool enabled(Level level);

void debug(std::string_view line);
void info(std::string_view line);
void warn(std::string_view line);
void error(std::string_view line);

}  // namespace loci::log
