#include "pg/database_types.hpp"

#include <algorithm>

namespace loci::pg {

std::optional<std::uint32_t> DatabaseTypes::find(const TypeId& type) const {
  const std::scoped_lock lock(mutex_);
  const auto found = oids_.find({type.extension, type.name});
  if (found == oids_.end()) return std::nullopt;
  return found->second;
}

std::vector<TypeId> DatabaseTypes::fill(Params& params) const {
  std::vector<TypeId> unknown;
  if (params.encoder().open_types().empty()) return unknown;
  const std::scoped_lock lock(mutex_);
  for (const Encoder::OpenType& open : params.encoder().open_types()) {
    const auto found = oids_.find({open.type.extension, open.type.name});
    if (found != oids_.end()) {
      params.encoder().overwrite(open.at, found->second);
    } else if (!std::ranges::contains(unknown, open.type)) {
      unknown.push_back(open.type);
    }
  }
  return unknown;
}

void DatabaseTypes::learn(const KnownType& known) {
  const std::scoped_lock lock(mutex_);
  oids_.insert_or_assign({known.type.extension, known.type.name}, known.oid);
}

void DatabaseTypes::forget() noexcept {
  const std::scoped_lock lock(mutex_);
  oids_.clear();
}

}  // namespace loci::pg
