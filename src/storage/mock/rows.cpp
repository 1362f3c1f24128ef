#include "storage/mock/rows.hpp"

#include <algorithm>

namespace loci::storage::mock {

Row Rows::at(const Versions& versions, Moment moment) {
  for (auto each = versions.rbegin(); each != versions.rend(); ++each) {
    if (each->since <= moment) return each->row;
  }
  return nullptr;
}

Row Rows::find(const Key& key, Moment moment) const {
  const auto slot = rows_.find(key);
  return slot == rows_.end() ? nullptr : at(slot->second, moment);
}

Moment Rows::last_change(const Key& key) const {
  const auto slot = rows_.find(key);
  return slot == rows_.end() ? 0 : slot->second.back().since;
}

void Rows::each(std::string_view prefix, Moment moment,
                const std::function<void(const Key&, const Row&)>& visit) const {
  for (auto slot = rows_.lower_bound(Key(prefix));
       slot != rows_.end() && slot->first.starts_with(prefix); ++slot) {
    if (const Row row = at(slot->second, moment)) visit(slot->first, row);
  }
}

bool Rows::changed_since(std::string_view prefix, Moment moment) const {
  for (auto slot = rows_.lower_bound(Key(prefix));
       slot != rows_.end() && slot->first.starts_with(prefix); ++slot) {
    if (slot->second.back().since > moment) return true;
  }
  return false;
}

Work* Rows::owner(const Key& key) const {
  const auto found = owners_.find(key);
  return found == owners_.end() ? nullptr : found->second;
}

void Rows::write(const std::map<Key, Row>& changes) {
  ++now_;
  for (const auto& [key, row] : changes) {
    const auto slot = rows_.try_emplace(key).first;
    slot->second.push_back({now_, row});
    forget_old(slot);
  }
}

// Drops the versions that nobody can read any more, and the slot when nothing is left of it.
void Rows::forget_old(std::map<Key, Versions>::iterator slot) {
  const Moment oldest = held_.empty() ? now_ : *held_.begin();
  Versions& versions = slot->second;
  const auto newer = std::ranges::find_if(
      versions, [&](const Version& version) { return version.since > oldest; });
  if (newer - versions.begin() > 1) versions.erase(versions.begin(), newer - 1);
  if (versions.size() == 1 && !versions.front().row && versions.front().since <= oldest) {
    rows_.erase(slot);
  }
}

}  // namespace loci::storage::mock
