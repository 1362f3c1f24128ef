#pragma once
#include <loci/base/deadline.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "pg/conninfo.hpp"

namespace loci::pg {

/// Connects on a thread of its own: where a host's name must be looked up, for libpq blocks there,
/// at the start and before each further host of a list (fact F14); and where there are several
/// servers, each of which gets its share of the time, so that one that is silent does not use it
/// up.
///
/// Dropping this object abandons the attempt without waiting: a name server may take a minute. The
/// thread touches nothing but what it owns, so it may outlive the event loop; whoever is last, the
/// thread or this object, closes the connection.
class BackgroundConnect {
public:
  /// Errors: Error{io} when the system refuses a thread or a descriptor.
  BackgroundConnect(Conninfo info, StartConnect start, Deadline deadline);

  [[nodiscard]] int descriptor() const noexcept;  ///< Readable when the attempt is over.

  /// The connection, or nullopt while the attempt goes on. It may have failed: see PQstatus().
  [[nodiscard]] std::optional<PgConnPtr> take();

private:
  struct Shared;
  static void connect(const std::shared_ptr<Shared>& shared, Conninfo info,
                      const StartConnect& start, Deadline deadline);
  static bool try_servers(PGconn* connection, std::size_t servers, Deadline deadline,
                          const std::function<bool()>& unwanted);
  std::shared_ptr<Shared> shared_;
};

}  // namespace loci::pg
