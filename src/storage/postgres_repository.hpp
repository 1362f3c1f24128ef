#pragma once
#include <loci/storage/repository.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "storage/batch.hpp"
#include "storage/patches.hpp"
#include "storage/selecting.hpp"

namespace loci::storage {

/// What the repositories of PostgreSQL do alike. Interface: Repository<Record>, or what a kind of
/// record makes of it.
template <class Record, class Interface>
class PostgresRepository : public Interface {
public:
  using Key = typename RecordTraits<Record>::Key;
  using New = typename RecordTraits<Record>::New;
  using Patch = typename RecordTraits<Record>::Patch;
  using Interface::exists;

  PostgresRepository(Unit unit, Storing<Record> storing)
      : unit_(std::move(unit)), storing_(storing) {}

  Task<Record> create(New record, Deadline deadline) override {
    return store_one<Record>(unit_, std::move(record), storing_, deadline);
  }
  Task<std::vector<Record>> create_batch(std::vector<New> records, Deadline deadline) override {
    return store_all<Record>(unit_, std::move(records), storing_, deadline);
  }
  Task<Outcomes<Record>> create_each(std::vector<New> records, Deadline deadline) override {
    return store_each<Record>(unit_, std::move(records), storing_, deadline);
  }

  Task<std::optional<Record>> get(Key key, Deadline deadline) override {
    check(key);
    std::vector<Record> found = co_await fetch({std::move(key)}, deadline);
    if (found.empty()) co_return std::nullopt;
    co_return std::move(found.front());
  }

  Task<std::vector<std::optional<Record>>> get_batch(std::vector<Key> keys,
                                                     Deadline deadline) override {
    require_keys(keys.size());
    for (const Key& key : keys) check(key);
    std::vector<std::optional<Record>> records(keys.size());
    if (keys.empty()) co_return records;
    std::multimap<Key, std::size_t> places;
    for (std::size_t i = 0; i < keys.size(); ++i) places.emplace(keys[i], i);
    for (Record& record : co_await fetch(std::move(keys), deadline)) {
      const auto [first, last] = places.equal_range(key_of(record));
      for (auto place = first; place != last; ++place) records[place->second] = record;
    }
    co_return records;
  }

  Task<std::optional<Record>> update(Key key, Patch patch, Deadline deadline) override {
    check(key);
    check(patch);
    if (!is_empty(patch)) {
      std::optional<Record> changed = co_await change(key, patch, deadline);
      if (changed) co_return changed;
    }
    std::optional<Record> there = co_await get(key, deadline);
    if (!there) co_return std::nullopt;
    require_version(*there, patch.if_version);
    if (!is_empty(patch)) refuse_change(*there, patch);
    co_return there;
  }

  Task<std::optional<Record>> replace(Record record, Deadline deadline) override {
    return update(key_of(record), whole_patch(record), deadline);
  }

  Task<Page<Record>> list(Filter filter, ListOptions options, Deadline deadline) override {
    return select_page<Record>(unit_, std::move(filter), std::move(options), deadline);
  }
  Task<std::int64_t> count(Filter filter, Deadline deadline) override {
    return count_matching<Record>(unit_, std::move(filter), deadline);
  }
  Task<bool> exists(Filter filter, Deadline deadline) override {
    return any_matching<Record>(unit_, std::move(filter), deadline);
  }
  Task<bool> exists(Key key, Deadline deadline) override {
    check(key);
    const std::vector<Record> found = co_await fetch({std::move(key)}, deadline);
    co_return !found.empty();
  }

protected:
  /// The records of these keys that are there, in any order; a key may stand in it twice.
  virtual Task<std::vector<Record>> fetch(std::vector<Key> keys, Deadline deadline) = 0;
  /// Changes a record that is as the patch wants it; nullopt when there is none. Not empty.
  virtual Task<std::optional<Record>> change(const Key& key, const Patch& patch,
                                             Deadline deadline) = 0;
  /// Says why `there`, whose version is right, was not changed.
  [[noreturn]] virtual void refuse_change(const Record& /*there*/, const Patch& /*patch*/) {
    throw Error(ErrorKind::conflict, "the record was changed at the same time");
  }

  [[nodiscard]] const Unit& unit() const noexcept { return unit_; }
  template <pg::Query Q>
  [[nodiscard]] Task<pg::OutcomeOf<Q>> ask(Q query, Deadline deadline) {
    return unit_.session->run(std::move(query), deadline);
  }

private:
  Unit unit_;
  Storing<Record> storing_;
};

}  // namespace loci::storage
