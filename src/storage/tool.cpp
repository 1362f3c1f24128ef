#include <loci/storage/tool.hpp>

namespace loci::storage {

bool may_become(std::string_view from, std::string_view to) noexcept {
  if (from == to) return true;
  if (from == "pending") return true;
  if (from == "running") return to != "denied";
  return from == "error" && to == "running";
}

}  // namespace loci::storage
