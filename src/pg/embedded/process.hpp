#pragma once
#include <sys/types.h>

#include <filesystem>
#include <loci/base/deadline.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "pg/embedded/files.hpp"
#include "pg/embedded/identity.hpp"

/// Starting programs: no shell, a small environment of our own, no open files of the caller, and as
/// another user when we are root.
namespace loci::pg::embedded {

struct Command {
  std::filesystem::path program;
  std::vector<std::string> arguments;  ///< Without the program's own name.
};

struct Outcome {
  int exit_code = 0;   ///< 128 + the signal's number when one ended it.
  std::string output;  ///< What it wrote to both standard streams.
};

/// Runs the program to its end, with `input` on its standard input. It is killed when this process
/// dies before it.
/// Errors: io, when it cannot be started or has not ended by the deadline (it is then killed).
[[nodiscard]] Outcome run(const Command& command, const Identity& who, std::string_view input,
                          Deadline deadline);

/// Starts the program in a session of its own, outliving this process and no child of it, its
/// output going to `output`, a file that is truncated. Returns once it runs. Errors: io, when it
/// cannot be started.
void launch(const Command& command, const Identity& who, const std::filesystem::path& output);

/// A running process, held so that its id cannot come to mean another one.
class RunningProcess {
public:
  explicit RunningProcess(pid_t pid);  ///< Of a process that is gone: has_ended() at once.

  void signal(int number) const;  ///< Nothing when it has ended.
  [[nodiscard]] bool wait_end(Deadline deadline) const;

private:
  Fd handle_;
};

}  // namespace loci::pg::embedded
