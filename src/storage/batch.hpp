#pragma once
#include <loci/storage/limits.hpp>
#include <loci/storage/repository.hpp>

#include <algorithm>
#include <cstddef>
#include <expected>
#include <iterator>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "storage/unit.hpp"

/// How new records are stored, one or many. Items go in by ranges, one statement each: as arrays,
/// which the statement unnests. When a range is refused for what is in it, the items whose key is
/// in use are left out, and the rest is halved until the items whose fault it is are known.
namespace loci::storage {

/// What one statement takes. A range of one item may be larger.
inline constexpr std::size_t k_range_items = 1000;
inline constexpr std::size_t k_range_bytes = std::size_t{4} << 20;

/// Items cut into ranges, each of a size for one statement.
template <class New>
[[nodiscard]] std::vector<std::span<const New>> ranges(std::span<const New> items,
                                                       std::size_t (*bytes)(const New&)) {
  std::vector<std::span<const New>> found;
  std::size_t begin = 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::size_t more = bytes(items[i]);
    if (i > begin && (i - begin == k_range_items || size + more > k_range_bytes)) {
      found.push_back(items.subspan(begin, i - begin));
      begin = i;
      size = 0;
    }
    size += more;
  }
  if (begin < items.size()) found.push_back(items.subspan(begin));
  return found;
}

/// Thrown by a Storing: whatever the items are, none of them could be stored.
class FaultOfAll final : public Error {
public:
  using Error::Error;
};

/// Whether the error is the fault of what was stored, and not of how it went: another item may fare
/// better.
[[nodiscard]] inline bool is_fault_of_item(const Error& error) {
  if (dynamic_cast<const FaultOfAll*>(&error) != nullptr) return false;
  if (error.kind() == ErrorKind::invalid_argument) return true;
  const std::string_view state = error.sqlstate();
  return error.kind() == ErrorKind::server &&
         (state.starts_with("22") || state.starts_with("23") || state.starts_with("54"));
}

template <class Record>
using Outcomes = std::vector<std::expected<Record, Error>>;

/// How one kind of record is stored.
template <class Record>
struct Storing {
  using New = typename RecordTraits<Record>::New;
  /// Fills in what is missing: id, user, times. Throws what is wrong with the item.
  void (*prepare)(const Unit& unit, New& item);
  /// About how large it is.
  std::size_t (*bytes)(const New& item);
  /// Stores some items by one statement, all or none, and gives their records in order. It may be
  /// asked for the same ones again, in another transaction.
  Task<std::vector<Record>> (*insert)(Unit unit, std::span<const New> items, Deadline deadline);
  /// Of each item whether its key is in use, whoever may see what uses it. Null: no key can be.
  Task<std::vector<bool>> (*taken)(Unit unit, std::span<const New> items,
                                   Deadline deadline) = nullptr;
  /// What the server says is violated then.
  std::string_view constraint = {};
};

/// Storing::taken() of a kind that is known by its id.
template <class Record, class Query>
Task<std::vector<bool>> taken_ids(Unit unit,
                                  std::span<const typename RecordTraits<Record>::New> items,
                                  Deadline deadline) {
  Query query;
  query.tenant_id = unit.tenant_id;
  for (const auto& item : items) query.ids.push_back(item.id.value());
  std::unordered_set<Uuid> found;
  for (const auto& row : co_await unit.session->run(std::move(query), deadline)) {
    found.insert(row.id);
  }
  std::vector<bool> taken;
  taken.reserve(items.size());
  for (const auto& item : items) taken.push_back(found.contains(item.id.value()));
  co_return taken;
}

/// A batch on its way.
template <class Record>
class Batch {
public:
  using New = typename RecordTraits<Record>::New;

  Batch(Unit unit, std::vector<New> items, Storing<Record> storing, Deadline deadline)
      : unit_(std::move(unit)),
        items_(std::move(items)),
        errors_(items_.size()),
        storing_(storing),
        deadline_(deadline) {
    require_batch(items_.size());
    for (std::size_t i = 0; i < items_.size(); ++i) {
      try {
        storing_.prepare(unit_, items_[i]);
      } catch (const Error& error) {
        errors_[i] = error;
      }
    }
  }

  [[nodiscard]] std::span<const New> items() const noexcept { return items_; }
  /// Says of an item that it cannot be stored.
  void refuse(std::size_t item, const Error& error) {
    if (!errors_[item]) errors_[item] = error;
  }

  /// All or none. Errors: BatchError.
  Task<std::vector<Record>> store_all() {
    throw_failures();
    if (!co_await store_at_once()) {
      const auto work = [this](const Unit& unit) -> Task<bool> {
        const auto whole = co_await begin_part(unit, deadline_);
        co_await store_apart(whole->unit());
        throw_failures();
        co_await whole->scope().release(deadline_);
        co_return true;
      };
      (void)co_await in_transaction(unit_, deadline_, work);
    }
    co_return std::move(records_);
  }

  /// Those that can be stored.
  Task<Outcomes<Record>> store_each() {
    if (!co_await store_at_once()) {
      const auto work = [this](const Unit& unit) -> Task<bool> {
        co_await store_apart(unit);
        co_return true;
      };
      (void)co_await in_transaction(unit_, deadline_, work);
    }
    Outcomes<Record> outcomes;
    outcomes.reserve(items_.size());
    auto record = records_.begin();
    for (std::optional<Error>& error : errors_) {
      if (error) {
        outcomes.push_back(std::unexpected(*std::move(error)));
      } else {
        outcomes.emplace_back(std::move(*record++));
      }
    }
    co_return outcomes;
  }

private:
  using Range = std::span<const New>;
  using Places = std::vector<std::size_t>;  // of items, ascending
  static constexpr std::string_view k_unique_violation = "23505";

  // Of the items that are not refused.
  [[nodiscard]] std::vector<Range> good_ranges() const {
    std::vector<Range> found;
    std::size_t begin = 0;
    for (std::size_t end = 0; end <= items_.size(); ++end) {
      if (end < items_.size() && !errors_[end]) continue;
      std::ranges::copy(ranges<New>(Range(items_).subspan(begin, end - begin), storing_.bytes),
                        std::back_inserter(found));
      begin = end + 1;
    }
    return found;
  }

  // The usual case, in as few trips as it takes. False: an item is at fault, and nothing is there.
  Task<bool> store_at_once() {
    const std::vector<Range> all = good_ranges();
    if (all.empty()) co_return true;
    try {
      if (unit_.pool == nullptr) {
        const auto whole = co_await begin_part(unit_, deadline_);
        co_await store_ranges(whole->unit(), all);
        co_await whole->scope().release(deadline_);
      } else if (all.size() == 1) {
        co_await store_ranges(unit_, all);
      } else {
        const auto work = [&](const Unit& unit) -> Task<bool> {
          co_await store_ranges(unit, all);
          co_return true;
        };
        (void)co_await in_transaction(unit_, deadline_, work);
      }
      co_return true;
    } catch (const Error& error) {
      if (!is_fault_of_item(error)) throw;
    }
    records_.clear();
    co_return false;
  }

  Task<void> store_ranges(Unit unit, std::span<const Range> all) {
    for (const Range range : all) keep(co_await storing_.insert(unit, range, deadline_));
  }

  Task<void> store_apart(Unit unit) {
    for (const Range range : good_ranges()) {
      Places places(range.size());
      std::iota(places.begin(), places.end(),
                static_cast<std::size_t>(range.data() - items_.data()));
      co_await store_apart(unit, std::move(places));
    }
  }

  // In the order of the items, for one may refer to those before it. Where a key is in use, all of
  // those are looked for at once: a batch that was stored before is told apart by a question a
  // range.
  Task<void> store_apart(Unit unit, Places places) {
    const std::optional<Error> failure = co_await store_part(unit, places);
    if (!failure) co_return;
    if (places.size() == 1) {
      errors_[places.front()] = *failure;
      co_return;
    }
    if (storing_.taken != nullptr && failure->sqlstate() == k_unique_violation) {
      Places free = co_await leave_out_taken(unit, places);
      if (free.empty()) co_return;
      if (free.size() < places.size()) {
        co_await store_apart(unit, std::move(free));
        co_return;
      }
    }
    const auto middle = places.begin() + std::ssize(places) / 2;
    co_await store_apart(unit, Places(places.begin(), middle));
    co_await store_apart(unit, Places(middle, places.end()));
  }

  // What is at fault, when they cannot be stored together.
  Task<std::optional<Error>> store_part(Unit unit, const Places& places) {
    try {
      const auto part = co_await begin_part(unit, deadline_);
      std::vector<New> copies;
      std::vector<Record> made =
          co_await storing_.insert(part->unit(), together(places, copies), deadline_);
      co_await part->scope().release(deadline_);
      keep(std::move(made));
    } catch (const Error& error) {
      if (!is_fault_of_item(error)) throw;
      co_return error;
    }
    co_return std::nullopt;
  }

  Task<Places> leave_out_taken(Unit unit, const Places& places) {
    std::vector<New> copies;
    const std::vector<bool> taken =
        co_await storing_.taken(unit, together(places, copies), deadline_);
    Places free;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (taken[i]) {
        errors_[places[i]] = key_in_use();
      } else {
        free.push_back(places[i]);
      }
    }
    co_return free;
  }

  [[nodiscard]] Error key_in_use() const {
    return Error(ServerError{.severity = "ERROR",
                             .sqlstate = std::string(k_unique_violation),
                             .message = "duplicate key value violates unique constraint \"" +
                                        std::string(storing_.constraint) + "\"",
                             .constraint = std::string(storing_.constraint)},
                 "create");
  }

  // Those items side by side; `copies` holds them when they are not.
  [[nodiscard]] Range together(const Places& places, std::vector<New>& copies) const {
    if (places.back() - places.front() + 1 == places.size()) {
      return Range(items_).subspan(places.front(), places.size());
    }
    copies.reserve(places.size());
    for (const std::size_t place : places) copies.push_back(items_[place]);
    return copies;
  }

  void keep(std::vector<Record> made) {
    records_.insert(records_.end(), std::make_move_iterator(made.begin()),
                    std::make_move_iterator(made.end()));
  }

  void throw_failures() const {
    std::vector<ItemFailure> failures;
    for (std::size_t i = 0; i < errors_.size(); ++i) {
      if (errors_[i]) failures.push_back({.item = i, .error = *errors_[i]});
    }
    if (!failures.empty()) throw BatchError(errors_.size(), std::move(failures));
  }

  Unit unit_;
  std::vector<New> items_;
  std::vector<std::optional<Error>> errors_;
  std::vector<Record> records_;  // of the items without an error, in order
  Storing<Record> storing_;
  Deadline deadline_;
};

/// Repository<Record>::create().
template <class Record>
Task<Record> store_one(Unit unit, typename RecordTraits<Record>::New item, Storing<Record> storing,
                       Deadline deadline) {
  storing.prepare(unit, item);
  std::vector<Record> made = co_await storing.insert(std::move(unit), {&item, 1}, deadline);
  co_return std::move(made.at(0));
}

/// Repository<Record>::create_batch().
template <class Record>
Task<std::vector<Record>> store_all(Unit unit,
                                    std::vector<typename RecordTraits<Record>::New> items,
                                    Storing<Record> storing, Deadline deadline) {
  Batch<Record> batch(std::move(unit), std::move(items), storing, deadline);
  co_return co_await batch.store_all();
}

/// Repository<Record>::create_each().
template <class Record>
Task<Outcomes<Record>> store_each(Unit unit, std::vector<typename RecordTraits<Record>::New> items,
                                  Storing<Record> storing, Deadline deadline) {
  Batch<Record> batch(std::move(unit), std::move(items), storing, deadline);
  co_return co_await batch.store_each();
}

}  // namespace loci::storage
