#pragma once
#include <loci/pg/query.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace loci::pg {

/// OIDs of the types that go by name: the same for every connection to one database, so looked up
/// once by whoever needs one first. Any thread.
class DatabaseTypes {
public:
  [[nodiscard]] std::optional<std::uint32_t> find(const TypeId& type) const;
  /// Writes them into the parameters, where they are left open. Gives the types that are not known:
  /// while there are any, the parameters must not be sent.
  [[nodiscard]] std::vector<TypeId> fill(Params& params) const;
  void learn(const KnownType& known);
  void forget() noexcept;  ///< All of them.

private:
  using Name = std::pair<std::string_view, std::string_view>;  // extension, type
  mutable std::mutex mutex_;
  std::map<Name, std::uint32_t> oids_;
};

}  // namespace loci::pg
