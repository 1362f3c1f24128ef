#include "storage/context.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace loci::storage {

std::size_t context_begin(std::span<const ContextMessage> branch) {
  std::unordered_map<Uuid, std::size_t> places;
  // For each message the earliest place that it needs: its own, or that of a call; nullopt when the
  // call is not among them.
  std::vector<std::optional<std::size_t>> needs;
  needs.reserve(branch.size());
  std::optional<std::size_t> last_speaker;
  for (std::size_t i = 0; i < branch.size(); ++i) {
    const ContextMessage& each = branch[i];
    std::optional<std::size_t> need = i;
    if (each.caller_ids.empty() && each.message.role == "tool") need = last_speaker;
    for (const Uuid& caller : each.caller_ids) {
      const auto place = places.find(caller);
      need = place == places.end() || !need ? std::nullopt
                                            : std::optional(std::min(*need, place->second));
    }
    needs.push_back(need);
    places.emplace(each.message.id, i);
    if (each.message.role != "tool") last_speaker = i;
  }
  // A beginning will do when nothing from there on needs what is before it.
  std::size_t begin = branch.size();
  std::size_t earliest = branch.size();
  for (std::size_t i = branch.size(); i-- > 0;) {
    if (!needs[i]) break;
    earliest = std::min(earliest, *needs[i]);
    if (earliest == i) begin = i;
  }
  return begin;
}

}  // namespace loci::storage
