#pragma once
#include "storage/conformance/trial.hpp"

namespace loci::storage::conformance {

/// Memories, made and looked at, in one storage after the other.
struct Memories : Conformance {
  Memory remember(std::string content) { return run(memories().create(new_memory(content))); }
  Memory remember(NewMemory made) { return run(memories().create(std::move(made))); }
  Memory again(const Memory& before) { return run(memories().get(before.id)).value(); }
  static NewMemory expiring(std::string content, Timestamp when) {
    NewMemory made = new_memory(std::move(content));
    made.expires_at = when;
    return made;
  }
  static std::vector<std::string> contents(const std::vector<Memory>& found) {
    return each(found, &Memory::content);
  }
};

}  // namespace loci::storage::conformance
