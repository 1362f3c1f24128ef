#pragma once
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace loci::test {

/// How a program ended, and what it said.
struct ProgramEnd {
  int code = -1;    ///< Exit code; 128 + the signal when a signal ended it.
  std::string out;  ///< Empty where `stdout_fd` or `stderr_fd` took it.
  std::string err;
  std::uint64_t peak_memory = 0;  ///< Bytes resident, at most.
};

struct ProgramOptions {
  std::map<std::string, std::string> environment;  ///< Beside PATH and HOME, which are passed on.
  std::string stdin_file = "/dev/null";
  int stdout_fd = -1;  ///< -1: kept for ProgramEnd.
  int stderr_fd = -1;
};

/// A child process in a process group of its own, started without a shell, killed if it still runs
/// when the object goes.
class Program {
public:
  explicit Program(std::vector<std::string> words, const ProgramOptions& options = {})
      : out_(options.stdout_fd < 0 ? memory_file() : -1),
        err_(options.stderr_fd < 0 ? memory_file() : -1) {
    std::vector<std::string> environment;
    for (const char* name : {"PATH", "HOME", "LOCI_PG_BIN", "ASAN_OPTIONS", "UBSAN_OPTIONS"}) {
      if (const char* value = std::getenv(name)) {
        environment.push_back(std::string(name) + "=" + value);
      }
    }
    for (const auto& [name, value] : options.environment) {
      environment.push_back(name + "=" + value);
    }
    std::vector<char*> argv = pointers(words);
    std::vector<char*> envp = pointers(environment);
    const int out = out_ < 0 ? options.stdout_fd : out_;
    const int err = err_ < 0 ? options.stderr_fd : err_;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int in = ::open(options.stdin_file.c_str(), O_RDONLY | O_CLOEXEC);
      if (in < 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) ::_exit(126);
      ::execve(argv[0], argv.data(), envp.data());
      ::_exit(127);
    }
    if (pid_ < 0) throw std::runtime_error("fork");
    ::setpgid(pid_, pid_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (pid_ > 0) {
      signal(SIGKILL);
      (void)wait();
    }
    for (const int file : {out_, err_}) {
      if (file >= 0) ::close(file);
    }
  }

  void signal(int number) const { ::kill(pid_, number); }
  /// As Ctrl-C does it: to the program and all it started in its group.
  void signal_group(int number) const { ::kill(-pid_, number); }

  /// True once it has ended; wait() then returns at once.
  [[nodiscard]] bool ended() const {
    siginfo_t state{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &state, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           state.si_pid == pid_;
  }

  ProgramEnd wait() {
    int status = 0;
    rusage usage{};
    ::wait4(std::exchange(pid_, -1), &status, 0, &usage);
    return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            .out = content(out_),
            .err = content(err_),
            .peak_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024};
  }

private:
  static int memory_file() { return ::memfd_create("output", MFD_CLOEXEC); }
  static std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    for (std::string& word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
  }
  static std::string content(int file) {
    std::string text;
    if (file < 0) return text;
    std::array<char, 65536> buffer{};
    for (off_t at = 0;;) {
      const ssize_t count = ::pread(file, buffer.data(), buffer.size(), at);
      if (count <= 0) return text;
      text.append(buffer.data(), static_cast<std::size_t>(count));
      at += count;
    }
  }

  int out_;
  int err_;
  pid_t pid_ = -1;
};

/// Runs a program to its end.
[[nodiscard]] inline ProgramEnd run(std::vector<std::string> words,
                                    const ProgramOptions& options = {}) {
  return Program(std::move(words), options).wait();
}

}  // namespace loci::test
