#include "pg/embedded/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <loci/base/error.hpp>
#include <optional>

// Between fork and exec only async-signal-safe calls are allowed, since other threads may hold any
// lock: all that the child needs is made before.
namespace loci::pg::embedded {
namespace {

struct Pipe {
  Fd read;
  Fd write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("cannot make a pipe");
  return {Fd(ends[0]), Fd(ends[1])};
}

// The arguments and environment of exec.
class Image {
public:
  Image(const Command& command, const Identity& who) {
    strings_.push_back(command.program.string());
    for (const std::string& argument : command.arguments) strings_.push_back(argument);
    const std::size_t arguments = strings_.size();
    strings_.push_back("PATH=/usr/bin:/bin");
    strings_.push_back("LC_ALL=C.UTF-8");
    strings_.push_back("TZ=UTC");
    strings_.push_back("HOME=" + who.home);
    if (const char* libraries = std::getenv("LD_LIBRARY_PATH")) {
      strings_.push_back(std::string("LD_LIBRARY_PATH=") + libraries);
    }
    for (std::size_t i = 0; i < strings_.size(); ++i) {
      (i < arguments ? arguments_ : environment_).push_back(strings_[i].data());
    }
    arguments_.push_back(nullptr);
    environment_.push_back(nullptr);
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  void execute() const noexcept { ::execve(arguments_[0], arguments_.data(), environment_.data()); }

private:
  std::vector<std::string> strings_;
  std::vector<char*> arguments_;
  std::vector<char*> environment_;
};

// A step that failed in the child; sent through a pipe that a successful exec closes.
struct Failure {
  enum class Step { user, output, exec } step = Step::exec;
  int error = 0;
};

[[noreturn]] void fail(int report, Failure::Step step) noexcept {
  const Failure failure{step, errno};
  [[maybe_unused]] const ssize_t sent = ::write(report, &failure, sizeof failure);
  ::_exit(127);
}

void reset_signals() noexcept {
  struct sigaction plain{};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &plain, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// The child's last steps. The files given are open; they become the standard streams.
[[noreturn]] void execute(const Image& image, int input, int output, int report) noexcept {
  if (::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) {
    fail(report, Failure::Step::output);
  }
  ::close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
  image.execute();
  fail(report, Failure::Step::exec);
}

void prepare_child(const Identity& who, int report) noexcept {
  reset_signals();
  ::umask(0077);
  if (!become(who)) fail(report, Failure::Step::user);
  if (::chdir("/") != 0) fail(report, Failure::Step::user);
}

// Waits for the child's exec; throws what it reported instead.
void expect_started(Pipe& report, const Command& command, const Identity& who) {
  report.write.reset();
  Failure failure;
  ssize_t got = 0;
  do {
    got = ::read(report.read.get(), &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof failure)) return;
  switch (failure.step) {
    case Failure::Step::user:
      throw_errno("cannot become user " + who.name, failure.error);
    case Failure::Step::output:
      throw_errno("user " + who.name + " cannot write the server's log", failure.error);
    case Failure::Step::exec:
      throw_errno("user " + who.name + " cannot run " + command.program.string(), failure.error);
  }
}

int wait_child(pid_t child) noexcept {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return 255;  // the host reaps children by itself; we cannot know
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int milliseconds_left(Deadline deadline) {
  if (deadline.is_never()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline.at() - Deadline::Clock::now());
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, INT_MAX));
}

// False when the deadline passes before the descriptor can be read.
bool wait_readable(const Fd& fd, Deadline deadline) {
  pollfd watched{.fd = fd.get(), .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&watched, 1, milliseconds_left(deadline));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

// A file in memory, and no pipe: a child that dies early must not send us SIGPIPE.
Fd in_memory(std::string_view text) {
  Fd fd(::memfd_create("loci-input", MFD_CLOEXEC));
  if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::lseek(fd.get(), 0, SEEK_SET) != 0) {
    throw_errno("cannot make a file in memory");
  }
  return fd;
}

}  // namespace

Outcome run(const Command& command, const Identity& who, std::string_view input,
            Deadline deadline) {
  const Image image(command, who);
  const Fd source = in_memory(input);
  Pipe output = make_pipe();
  Pipe report = make_pipe();
  const pid_t parent = ::getpid();

  const pid_t child = ::fork();
  if (child < 0) throw_errno("cannot start a process");
  if (child == 0) {
    prepare_child(who, report.write.get());
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // after the change of user, which would clear it
    if (::getppid() != parent) ::_exit(127);
    execute(image, source.get(), output.write.get(), report.write.get());
  }
  output.write.reset();

  Outcome outcome;
  try {
    expect_started(report, command, who);
    std::array<char, 4096> chunk{};
    for (;;) {
      if (!wait_readable(output.read, deadline)) {
        throw Error(ErrorKind::io, command.program.filename().string() + " did not end in time");
      }
      const ssize_t got = ::read(output.read.get(), chunk.data(), chunk.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      outcome.output.append(chunk.data(), static_cast<std::size_t>(got));
    }
  } catch (...) {
    ::kill(child, SIGKILL);
    wait_child(child);
    throw;
  }
  outcome.exit_code = wait_child(child);
  return outcome;
}

void launch(const Command& command, const Identity& who, const std::filesystem::path& output) {
  const Image image(command, who);
  Pipe report = make_pipe();

  const pid_t child = ::fork();
  if (child < 0) throw_errno("cannot start a process");
  if (child == 0) {
    prepare_child(who, report.write.get());
    ::setsid();
    const pid_t grandchild = ::fork();  // so that the caller never has to reap the server
    if (grandchild < 0) fail(report.write.get(), Failure::Step::exec);
    if (grandchild > 0) ::_exit(0);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int file = ::open(output.c_str(),
                            O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (nothing < 0 || file < 0) fail(report.write.get(), Failure::Step::output);
    execute(image, nothing, file, report.write.get());
  }
  wait_child(child);
  expect_started(report, command, who);
}

// The system calls themselves: <sys/pidfd.h> of glibc up to 2.41 cannot be used from C++.
RunningProcess::RunningProcess(pid_t pid)
    : handle_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {
  if (!handle_ && errno != ESRCH) throw_errno("cannot watch process " + std::to_string(pid));
}

void RunningProcess::signal(int number) const {
  if (handle_ && ::syscall(SYS_pidfd_send_signal, handle_.get(), number, nullptr, 0) != 0 &&
      errno != ESRCH) {
    throw_errno("cannot stop the server");
  }
}

bool RunningProcess::wait_end(Deadline deadline) const {
  return !handle_ || wait_readable(handle_, deadline);
}

}  // namespace loci::pg::embedded
