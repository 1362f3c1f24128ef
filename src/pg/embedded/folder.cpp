#include "pg/embedded/folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <format>
#include <loci/base/error.hpp>

#include "pg/embedded/files.hpp"

namespace loci::pg::embedded {
namespace {

constexpr std::size_t k_longest_socket_path = 107;
constexpr std::string_view k_socket_name = "/.s.PGSQL.5432";

// A comma separates hosts in libpq and folders in PostgreSQL's setting.
bool fits_socket(const std::string& folder) {
  return folder.size() + k_socket_name.size() <= k_longest_socket_path &&
         folder.find(',') == std::string::npos;
}

std::string quote_dsn(std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \t'\\") == std::string_view::npos;
  if (plain) return std::string(value);
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted += '\'';
}

void make_private_folder(const std::filesystem::path& path, const Identity& who) {
  const bool fresh = !owner_of(path);
  make_folder(path, 0700);
  if (fresh) give_to(path, who.uid, who.gid);
}

// Anybody may have put something under that name into /tmp.
void check_private(const std::filesystem::path& path, const Identity& who) {
  struct stat about{};
  if (::lstat(path.c_str(), &about) != 0) throw_errno("cannot look at " + path.string());
  if (!S_ISDIR(about.st_mode) || about.st_uid != who.uid || (about.st_mode & 077) != 0) {
    throw Error(
        ErrorKind::configuration,
        path.string() + " should be a private folder of user " + who.name +
            " for the server's socket, and is not; remove it, or use a shorter data folder");
  }
}

}  // namespace

Folder::Folder(const std::filesystem::path& root) {
  const std::string text = root.string();
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    throw Error(ErrorKind::configuration, "the data folder's name holds a control character");
  }
  root_ = std::filesystem::canonical(root);
  struct stat about{};
  if (::stat(root_.c_str(), &about) != 0) throw_errno("cannot look at " + root_.string());
  cluster_name_ = std::format("loci-{:x}-{:x}", about.st_dev, about.st_ino);
}

std::filesystem::path Folder::socket_dir(uid_t server_uid) const {
  std::filesystem::path own = root_ / "run";
  if (fits_socket(own.string())) return own;
  return std::format("/tmp/loci-{}-{}", server_uid, cluster_name_.substr(5));
}

std::string Folder::dsn(uid_t server_uid, std::string_view user, std::string_view database) const {
  return std::format("host={} port=5432 dbname={} user={}",
                     quote_dsn(socket_dir(server_uid).string()), quote_dsn(database),
                     quote_dsn(user));
}

Folder make_data_folder(const std::filesystem::path& root, const Identity& who) {
  const std::filesystem::path absolute = std::filesystem::absolute(root).lexically_normal();
  std::error_code failed;
  std::filesystem::create_directories(absolute.parent_path(), failed);
  if (failed) {
    throw Error(ErrorKind::io,
                "cannot make " + absolute.parent_path().string() + ": " + failed.message());
  }
  make_folder(absolute, who.switched ? 0711 : 0700);
  Folder folder(absolute);
  if (std::filesystem::exists(folder.root() / "PG_VERSION")) {
    throw Error(ErrorKind::configuration,
                folder.root().string() +
                    " is itself a data folder of some PostgreSQL server; Loci needs its own");
  }
  if (const auto closed = closed_folder(folder.root(), who)) {
    throw Error(ErrorKind::configuration,
                "the server runs as user " + who.name + ", who cannot enter " + closed->string() +
                    "; choose another data folder, or open it with `chmod o+x " + closed->string() +
                    "`");
  }
  return folder;
}

void make_server_folders(const Folder& folder, const Identity& who) {
  make_private_folder(folder.log(), who);
  const std::filesystem::path socket = folder.socket_dir(who.uid);
  make_private_folder(socket, who);
  check_private(socket, who);
}

}  // namespace loci::pg::embedded
