#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "storage/mock/keys.hpp"

namespace loci::storage::mock {

/// A row of any table, shared by all who read it and never changed; null: there is none.
using Row = std::shared_ptr<const void>;

/// Counts commits. What was read at one is what stood there just after it.
using Moment = std::uint64_t;

class Work;

/// All rows of all tables and tenants: what the transactions of a mock share. A row has as many
/// versions as somebody may still read, so that a snapshot is a number. An open transaction owns
/// the keys that it has written; another one waits for them.
///
/// Thread safety: none. Whoever calls holds the mock's mutex.
class Rows {
public:
  [[nodiscard]] Moment now() const noexcept { return now_; }
  [[nodiscard]] Row find(const Key& key, Moment at) const;
  /// When it was last written; 0: never, as far as anybody may still know.
  [[nodiscard]] Moment last_change(const Key& key) const;
  /// All whose keys begin so, in order.
  void each(std::string_view prefix, Moment at,
            const std::function<void(const Key&, const Row&)>& visit) const;
  [[nodiscard]] bool changed_since(std::string_view prefix, Moment at) const;

  /// Null: nobody's.
  [[nodiscard]] Work* owner(const Key& key) const;
  void own(const Key& key, Work& owner) { owners_.emplace(key, &owner); }
  void disown(const Key& key) { owners_.erase(key); }

  /// What is read at a moment that is held stays.
  void hold(Moment moment) { held_.insert(moment); }
  void let_go(Moment moment) { held_.erase(held_.find(moment)); }

  void write(const std::map<Key, Row>& changes);

private:
  struct Version {
    Moment since;
    Row row;
  };
  using Versions = std::vector<Version>;  // oldest first

  static Row at(const Versions& versions, Moment moment);
  void forget_old(std::map<Key, Versions>::iterator slot);

  std::map<Key, Versions> rows_;
  std::map<Key, Work*> owners_;
  std::multiset<Moment> held_;
  Moment now_ = 0;
};

}  // namespace loci::storage::mock
