#pragma once
#include <loci/pg/runtime.hpp>
#include <loci/storage/storage.hpp>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

/// One suite for every storage: what `Storage` promises, whoever keeps it.
namespace loci::storage::conformance {

/// A place where a storage is tried, empty at first.
class World {
public:
  virtual ~World() = default;
  [[nodiscard]] virtual Storage& storage() = 0;
};

/// One implementation of Storage. A further one joins the suite by standing in makers().
struct Maker {
  std::string name;
  /// With a tenant of its own; models of embeddings may be there already.
  std::unique_ptr<World> (*make)();
  /// With nobody else's anything, and to be closed or migrated at will.
  std::unique_ptr<World> (*make_alone)();
};

[[nodiscard]] const std::vector<Maker>& makers();

/// The loop of all worlds of the process, on four threads.
[[nodiscard]] Runtime& runtime();

inline std::ostream& operator<<(std::ostream& out, const Maker& maker) {
  return out << maker.name;
}

}  // namespace loci::storage::conformance
