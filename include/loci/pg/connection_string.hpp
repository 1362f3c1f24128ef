#pragma once
#include <string>

namespace loci::pg {

/// A connection string in two parts: what anybody may see, and the password.
struct ConnectionParts {
  std::string conninfo;  ///< key='value' pairs, as libpq and psql read them.
  std::string password;  ///< Empty when there is none.
};

/// For handing a connection to another program: a command line is seen by every user of the
/// machine. `url` is postgresql://... or key=value pairs. Errors: Error{configuration}: it cannot
/// be read, or holds another secret than a password. The text holds nothing of `url`.
[[nodiscard]] ConnectionParts split_password(const std::string& url);

}  // namespace loci::pg
