#pragma once
#include <string>

namespace loci::pg {

/// A connection string in two parts: what anybody may see, and the password.
struct ConnectionParts {
  std::string conninfo;  ///< key='value' pairs, as libpq and psql read them.
  std::string password;  ///< Empty when there is none.
};

/// Returns when libpq can read it, whatever it leads to. Errors: Error{configuration}; its text
/// holds nothing of `url`.
void check_connection_string(const std::string& url);

/// For handing a connection to another program: a command line is seen by every user of the
/// machine. `url` is postgresql://... or key=value pairs. Errors: Error{configuration}: it cannot
/// be read, or holds another secret than a password. The text holds nothing of `url`.
[[nodiscard]] ConnectionParts split_password(const std::string& url);

}  // namespace loci::pg
