#include "pg/extension_types.hpp"

#include <loci/base/error.hpp>

#include <array>

namespace loci::pg {

bool ExtensionTypes::known() const {
  const std::scoped_lock lock(mutex_);
  return known_;
}

std::uint32_t ExtensionTypes::oid(TypeId::Extension extension) const {
  constexpr std::array<const char*, 4> names{"", "vector", "halfvec", "sparsevec"};
  const char* name = names[static_cast<std::size_t>(extension)];
  const std::scoped_lock lock(mutex_);
  const auto found = oids_.find(name);
  if (found == oids_.end()) {
    throw Error(ErrorKind::configuration,
                std::string("the database has no type ") + name +
                    ": an administrator has to run `create extension vector` in it");
  }
  return found->second;
}

void ExtensionTypes::fill(Params& params) const {
  for (const Encoder::OpenType& open : params.encoder().open_types()) {
    params.encoder().overwrite(open.at, oid(open.extension));
  }
}

void ExtensionTypes::learn(std::unordered_map<std::string, std::uint32_t> oids) {
  const std::scoped_lock lock(mutex_);
  oids_ = std::move(oids);
  known_ = !oids_.empty();  // an empty database may get the extension later
}

}  // namespace loci::pg
