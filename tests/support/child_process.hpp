#pragma once
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <iterator>
#include <loci/base/deadline.hpp>
#include <stdexcept>
#include <thread>
#include <utility>

namespace loci::test {

/// Returns once the condition holds; throws when it does not within 30 seconds.
inline void wait_until(const std::function<bool()>& condition) {
  const Deadline deadline = Deadline::after(std::chrono::seconds(30));
  while (!condition()) {
    if (deadline.passed()) throw std::runtime_error("the condition never came true");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// A forked process that runs `body`, says so through ready(), and lives until it is killed or let
/// go. Forks only where no other thread runs: one that holds a lock at that moment (the
/// allocator's, under a sanitizer) would leave it locked in the child for ever. So it comes before
/// any Runtime.
class Child {
public:
  explicit Child(const std::function<void(const std::function<void()>& ready)>& body) {
    if (has_other_threads()) throw std::logic_error("a test forks before it starts threads");
    if (::pipe(said_) != 0 || ::pipe(told_) != 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      int code = 1;
      try {
        body([this] {
          const char done = 'r';
          char word = 0;
          if (::write(said_[1], &done, 1) == 1 && ::read(told_[0], &word, 1) < 0) ::_exit(3);
        });
        code = 0;
      } catch (const std::exception& error) {
        ::fprintf(stderr, "child: %s\n", error.what());
      }
      ::_exit(code);
    }
    ::close(said_[1]);  // but not told_[0]: a word to a child that has ended is no SIGPIPE
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) kill();
    ::close(said_[0]);
    ::close(told_[0]);
    ::close(told_[1]);
  }

  /// True when the child reached ready(); false when it ended without.
  [[nodiscard]] bool wait_ready() const {
    char word = 0;
    return ::read(said_[0], &word, 1) == 1;
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    (void)reap();
  }
  /// Lets the child go on after ready().
  [[nodiscard]] bool let_go() {
    const char go = 'g';  // a word, and no closing: other children hold the pipe's end, too
    return ::write(told_[1], &go, 1) == 1;
  }
  /// Lets the child go on after ready(); its exit code.
  [[nodiscard]] int finish() { return let_go() ? reap() : -1; }

private:
  static bool has_other_threads() {
#ifdef __SANITIZE_THREAD__  // which runs one of its own, and takes its locks around fork()
    return false;
#else
    const std::filesystem::directory_iterator threads("/proc/self/task");
    return std::distance(begin(threads), end(threads)) > 1;
#endif
  }
  int reap() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  }
  int said_[2] = {-1, -1};
  int told_[2] = {-1, -1};
  pid_t pid_ = -1;
};

}  // namespace loci::test
