#pragma once
#include <loci/pg/query.hpp>

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace loci::pg {

/// OIDs of the types that extensions bring: the same for every connection to one database, so
/// looked up once by whoever needs one first. Any thread.
class ExtensionTypes {
public:
  [[nodiscard]] bool known() const;
  /// Errors: Error{configuration} when the extension is not installed in the database.
  [[nodiscard]] std::uint32_t oid(TypeId::Extension type) const;
  /// Writes them into the parameters, where they are left open. Errors: as oid().
  void fill(Params& params) const;
  void learn(std::unordered_map<std::string, std::uint32_t> oids);

private:
  mutable std::mutex mutex_;
  bool known_ = false;
  std::unordered_map<std::string, std::uint32_t> oids_;
};

}  // namespace loci::pg
