#pragma once
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "pg/embedded_fixture.hpp"
#include "pg/libpq.hpp"
#include "support/test_server.hpp"

namespace loci::test {

/// A PgBouncer of its own in front of one database of the test server: transaction pooling, two
/// server connections, and no help with prepared statements.
class PgBouncer {
public:
  /// Where Debian puts it; nothing when it is not installed.
  [[nodiscard]] static std::optional<std::string> program() {
    for (const char* place : {"/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"}) {
      if (::access(place, X_OK) == 0) return place;
    }
    return std::nullopt;
  }

  /// `server_dsn`: of the database, through a unix socket.
  explicit PgBouncer(const std::string& server_dsn) {
    const std::filesystem::path folder = place_.where();
    const pg::PgConnPtr server(PQconnectdb(server_dsn.c_str()));
    std::ofstream(folder / "users.txt") << "\"loci\" \"\"\n";
    std::ofstream(folder / "pgbouncer.ini")
        << "[databases]\nbehind = host=" << PQhost(server.get()) << " port=" << PQport(server.get())
        << " dbname=" << PQdb(server.get())
        << "\n[pgbouncer]\nunix_socket_dir = " << folder.string()
        << "\nlisten_port = 6432\nauth_type = trust\nauth_file = "
        << (folder / "users.txt").string()
        << "\npool_mode = transaction\nmax_prepared_statements = 0\ndefault_pool_size = 2\n"
        << "logfile = " << (folder / "log").string() << "\n";
    std::filesystem::permissions(folder, std::filesystem::perms(0777));
    const std::string ini = (folder / "pgbouncer.ini").string();
    const passwd* other = ::getuid() == 0 ? ::getpwnam("postgres") : nullptr;  // it refuses root
    const std::string binary = program().value();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (other != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(other->pw_gid) != 0 ||
                               ::setuid(other->pw_uid) != 0)) {
        ::_exit(126);
      }
      ::execl(binary.c_str(), "pgbouncer", "-q", ini.c_str(), nullptr);
      ::_exit(127);
    }
    dsn = "host=" + folder.string() + " port=6432 dbname=behind user=loci";
    for (int tries = 0; PQping(dsn.c_str()) != PQPING_OK; ++tries) {
      if (tries == 2000) throw std::runtime_error("pgbouncer did not start");
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  PgBouncer(const PgBouncer&) = delete;
  PgBouncer& operator=(const PgBouncer&) = delete;
  ~PgBouncer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  std::string dsn;

private:
  ServerFolder place_;
  pid_t pid_ = -1;
};

}  // namespace loci::test
