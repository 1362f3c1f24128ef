#pragma once
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/append_messages.hpp"
#include "storage/batch.hpp"
#include "storage/input_checks.hpp"
#include "storage/mock/selecting.hpp"
#include "storage/patches.hpp"

namespace loci::storage::mock {

/// What is wrong with items of a batch for what else stands in it.
template <class New>
std::vector<ItemFailure> faults_among(const std::vector<New>& /*items*/) {
  return {};
}
inline std::vector<ItemFailure> faults_among(const std::vector<NewMessage>& items) {
  return misplaced_parents(items);
}

/// The fault of each item that can be told before any is tried, if it has one.
template <class New>
std::vector<std::optional<Error>> faults_of_form(const std::vector<New>& items) {
  std::vector<std::optional<Error>> faults(items.size());
  for (ItemFailure& each : faults_among(items)) faults[each.item] = std::move(each.error);
  for (std::size_t i = 0; i < items.size(); ++i) {
    try {
      check(items[i]);
    } catch (const Error& error) {
      faults[i] = error;
    }
  }
  return faults;
}

/// Throws BatchError when there is any.
inline void throw_faults(const std::vector<std::optional<Error>>& faults) {
  std::vector<ItemFailure> failures;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (faults[i]) failures.push_back({i, *faults[i]});
  }
  if (!failures.empty()) throw BatchError(faults.size(), std::move(failures));
}

/// The outcome of each item of a batch; one that fails leaves nothing. What is not an item's own
/// fault ends the batch.
template <class Record, class New>
std::vector<std::expected<Record, Error>> create_items(Statement& s,
                                                       const std::vector<New>& items) {
  std::vector<std::optional<Error>> faults = faults_of_form(items);
  std::vector<std::expected<Record, Error>> outcomes;
  outcomes.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (faults[i]) {
      outcomes.push_back(std::unexpected(*std::move(faults[i])));
      continue;
    }
    try {
      outcomes.push_back(s.work.all_or_none([&] { return Rules<Record>::create(s, items[i]); }));
    } catch (const Error& error) {
      if (!is_fault_of_item(error)) throw;
      outcomes.push_back(std::unexpected(error));
    }
  }
  return outcomes;
}

/// All of them, or BatchError: of those of a form that is none, before any is tried, else of those
/// that could not be stored.
template <class Record, class New>
std::vector<Record> create_all(Statement& s, const std::vector<New>& items) {
  throw_faults(faults_of_form(items));
  std::vector<std::optional<Error>> faults;
  std::vector<Record> records;
  for (auto& outcome : create_items<Record>(s, items)) {
    faults.push_back(outcome ? std::nullopt : std::optional(outcome.error()));
    if (outcome) records.push_back(*std::move(outcome));
  }
  throw_faults(faults);
  return records;
}

template <class Record, class Key, class Patch>
std::optional<Record> update_record(Statement& s, const Key& key, const Patch& patch) {
  check(patch);
  const auto found = Rules<Record>::find(s, key);
  if (!found) return std::nullopt;
  require_version(*found, patch.if_version);
  if (is_empty(patch)) return *found;
  Record record = *found;
  Rules<Record>::change(s, record, patch);
  return Rules<Record>::put(s, *found, std::move(record));
}

/// What every kind of record has in common, for one of the five interfaces of repositories.
template <class Interface, class Record>
class CommonRepository : public Interface {
public:
  using typename Repository<Record>::Key;
  using typename Repository<Record>::New;
  using typename Repository<Record>::Patch;

  explicit CommonRepository(Unit unit) : unit_(std::move(unit)) {}

  Task<Record> create(New record, Deadline deadline) override {
    return unit_.run(named("create"), deadline, [record = std::move(record)](Statement& s) {
      return Rules<Record>::create(s, record);
    });
  }
  Task<std::vector<Record>> create_batch(std::vector<New> records, Deadline deadline) override {
    return unit_.run(named("create_batch"), deadline, [records = std::move(records)](Statement& s) {
      require_batch(records.size());
      return create_all<Record>(s, records);
    });
  }
  Task<std::vector<std::expected<Record, Error>>> create_each(std::vector<New> records,
                                                              Deadline deadline) override {
    return unit_.run(named("create_each"), deadline, [records = std::move(records)](Statement& s) {
      require_batch(records.size());
      return create_items<Record>(s, records);
    });
  }
  Task<std::optional<Record>> get(Key key, Deadline deadline) override {
    return unit_.run(named("get"), deadline, [key = std::move(key)](Statement& s) {
      const auto found = Rules<Record>::find(s, key);
      return found ? std::optional<Record>(*found) : std::nullopt;
    });
  }
  Task<std::vector<std::optional<Record>>> get_batch(std::vector<Key> keys,
                                                     Deadline deadline) override {
    return unit_.run(named("get_batch"), deadline, [keys = std::move(keys)](Statement& s) {
      require_keys(keys.size());
      std::vector<std::optional<Record>> records;
      for (const Key& key : keys) {
        const auto found = Rules<Record>::find(s, key);
        records.push_back(found ? std::optional<Record>(*found) : std::nullopt);
      }
      return records;
    });
  }
  Task<std::optional<Record>> update(Key key, Patch patch, Deadline deadline) override {
    return unit_.run(named("update"), deadline,
                     [key = std::move(key), patch = std::move(patch)](Statement& s) {
                       return update_record<Record>(s, key, patch);
                     });
  }
  Task<std::optional<Record>> replace(Record record, Deadline deadline) override {
    return unit_.run(named("replace"), deadline, [record = std::move(record)](Statement& s) {
      return update_record<Record>(s, key_of(record), whole_patch(record));
    });
  }
  Task<bool> erase(Key key, Deadline deadline) override {
    return unit_.run(named("erase"), deadline, [key = std::move(key)](Statement& s) {
      check(key);
      return Rules<Record>::erase(s, key);
    });
  }
  Task<Page<Record>> list(Filter filter, ListOptions options, Deadline deadline) override {
    return unit_.run(named("list"), deadline,
                     [filter = std::move(filter), options = std::move(options)](Statement& s) {
                       return page_of<Record>(s, filter, options);
                     });
  }
  Task<std::int64_t> count(Filter filter, Deadline deadline) override {
    return unit_.run(named("count"), deadline, [filter = std::move(filter)](Statement& s) {
      return static_cast<std::int64_t>(
          all_matching<Record>(s, check_filter<Record>(filter)).size());
    });
  }
  Task<bool> exists(Filter filter, Deadline deadline) override {
    return unit_.run(named("exists"), deadline, [filter = std::move(filter)](Statement& s) {
      return !all_matching<Record>(s, check_filter<Record>(filter)).empty();
    });
  }
  Task<bool> exists(Key key, Deadline deadline) override {
    return unit_.run(named("exists"), deadline, [key = std::move(key)](Statement& s) {
      return Rules<Record>::find(s, key) != nullptr;
    });
  }

protected:
  [[nodiscard]] static std::string named(const char* operation) {
    return std::string(Rules<Record>::name) + "." + operation;
  }

  Unit unit_;
};

}  // namespace loci::storage::mock
