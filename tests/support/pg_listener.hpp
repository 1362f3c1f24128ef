#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

#include "pg/embedded/files.hpp"

namespace loci::test {

/// Sockets where libpq looks for a server: a unix socket in a folder of its own, or a port of
/// 127.0.0.1.
class PgListener {
public:
  enum class At { unix_socket, tcp };

  explicit PgListener(At at) {
    at == At::tcp ? listen_tcp() : listen_unix();
    if (::listen(socket_.get(), 256) != 0) throw std::runtime_error("listen");
  }
  PgListener(const PgListener&) = delete;
  PgListener& operator=(const PgListener&) = delete;
  ~PgListener() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  /// The part of a connection string that says where.
  [[nodiscard]] std::string address() const {
    if (folder_.empty()) {
      return "host=127.0.0.1 port=" + std::to_string(port_) + " sslmode=disable gssencmode=disable";
    }
    return "host=" + folder_.string() + " port=5432";
  }
  [[nodiscard]] int descriptor() const { return socket_.get(); }
  /// A client who waits, or nobody; never blocks.
  [[nodiscard]] pg::embedded::Fd accept() const {
    return pg::embedded::Fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }

  [[nodiscard]] static sockaddr_un unix_address(const std::filesystem::path& folder) {
    const std::string path = folder / ".s.PGSQL.5432";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw std::runtime_error("a path too long");
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
  }

private:
  void listen_unix() {
    std::string name = "/tmp/loci_proxy.XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = name;
    socket_ = pg::embedded::Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_un address = unix_address(folder_);
    bind(&address, sizeof address);
  }
  void listen_tcp() {
    socket_ = pg::embedded::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(&address, sizeof address);
    socklen_t length = sizeof address;
    if (::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      throw std::runtime_error("getsockname");
    }
    port_ = ntohs(address.sin_port);
  }
  void bind(const void* address, socklen_t length) const {
    if (::bind(socket_.get(), static_cast<const sockaddr*>(address), length) != 0) {
      throw std::runtime_error("bind");
    }
  }

  pg::embedded::Fd socket_;
  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
};

}  // namespace loci::test
