#pragma once
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "pg/embedded_fixture.hpp"
#include "support/program.hpp"

namespace loci::test {

/// A PostgreSQL that is reached by TLS, on an address of 127.0.0.0/8 of its own. Its certificate
/// is for `db.example`, by an authority made for it.
class TlsServer {
public:
  /// Where the program that makes certificates is; nothing when it is not installed.
  [[nodiscard]] static std::optional<std::string> openssl() {
    for (const char* place : {"/usr/bin/openssl", "/usr/local/bin/openssl"}) {
      if (::access(place, X_OK) == 0) return place;
    }
    return std::nullopt;
  }

  TlsServer() {
    make_authority("ca");
    make_authority("other");
    make_certificate();
    {
      const auto made = pg::EmbeddedServer::open({.data_dir = data_});  // and stopped again
    }
    install("server.crt");
    install("server.key");
    write("hba.conf", "local all all peer map=loci\nhostssl all all 127.0.0.0/8 trust\n");
    std::ofstream(data_ / "postgres/postgresql.conf", std::ios::app)
        << "listen_addresses = '" << address_ << "'\nssl = on\nssl_cert_file = 'server.crt'\n"
        << "ssl_key_file = 'server.key'\nhba_file = '" << (data_ / "postgres/hba.conf").string()
        << "'\n";
    server_ = pg::EmbeddedServer::open({.data_dir = data_});
  }

  /// To be reached under a name, without saying how. `authority`: `ca`, or `other`, which is not
  /// the server's.
  [[nodiscard]] std::string dsn(const std::string& name,
                                const std::string& authority = "ca") const {
    return "host=" + name + " hostaddr=" + address_ + " port=5432 dbname=loci user=loci" +
           " sslrootcert=" + file(authority + ".crt") + " gssencmode=disable";
  }

private:
  [[nodiscard]] std::string file(const std::string& name) const { return place_ / name; }

  void make_authority(const std::string& name) const {
    request(name, {"-subj", "/CN=" + name + " of Loci's tests"});
  }
  void make_certificate() const {
    request("server", {"-subj", "/CN=db.example", "-addext", "subjectAltName=DNS:db.example", "-CA",
                       file("ca.crt"), "-CAkey", file("ca.key")});
  }
  void request(const std::string& name, const std::vector<std::string>& more) const {
    std::vector<std::string> words{openssl().value(),
                                   "req",
                                   "-x509",
                                   "-newkey",
                                   "ec",
                                   "-pkeyopt",
                                   "ec_paramgen_curve:prime256v1",
                                   "-nodes",
                                   "-days",
                                   "2",
                                   "-keyout",
                                   file(name + ".key"),
                                   "-out",
                                   file(name + ".crt")};
    words.insert(words.end(), more.begin(), more.end());
    const ProgramEnd end = run(std::move(words));
    if (end.code != 0) throw std::runtime_error("openssl: " + end.err);
  }
  void install(const std::string& name) const {
    std::filesystem::copy_file(file(name), data_ / "postgres" / name);
    own(name);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(data_ / "postgres" / name) << text;
    own(name);
  }
  // The server refuses a key that others may read, and may run as another user.
  void own(const std::string& name) const {
    const std::filesystem::path path = data_ / "postgres" / name;
    struct stat folder{};
    if (::stat((data_ / "postgres").c_str(), &folder) != 0 || ::chmod(path.c_str(), 0600) != 0 ||
        ::chown(path.c_str(), folder.st_uid, folder.st_gid) != 0) {
      throw std::runtime_error("cannot give a file to the server");
    }
  }

  ServerFolder place_;
  const std::filesystem::path data_ = place_ / "data";
  const std::string address_ = "127." + std::to_string(::getpid() / 250 % 250 + 1) + "." +
                               std::to_string(::getpid() % 250 + 1) + ".7";
  std::optional<pg::EmbeddedServer> server_;
};

}  // namespace loci::test
