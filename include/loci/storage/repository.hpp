#pragma once
#include <loci/base/error.hpp>
#include <loci/storage/filter.hpp>
#include <loci/storage/list_options.hpp>
#include <loci/storage/task.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace loci::storage {

/// What belongs to a kind of record; each record's header specialises it:
/// `Key` names one, `New` makes one, `Patch` changes one.
template <class Record>
struct RecordTraits;

/// What a patch says of one field: nothing (it stays), or its new value. Of a field that may be
/// NULL, `Change<std::optional<T>>`: the new value `std::nullopt` is an explicit NULL.
template <class T>
using Change = std::optional<T>;

/// One item of a batch that could not be stored, and why.
struct ItemFailure {
  std::size_t item;  ///< Its place in the batch, from 0.
  Error error;
};

/// A batch that was not stored: nothing of it is there. what() tells of the first failure.
class BatchError final : public Error {
public:
  /// `failures` has one or more.
  BatchError(std::size_t batch_size, std::vector<ItemFailure> failures);
  /// Every item that failed, in order. Lives as long as any copy of this error.
  [[nodiscard]] const std::vector<ItemFailure>& failures() const noexcept { return *failures_; }

private:
  std::shared_ptr<const std::vector<ItemFailure>> failures_;
};

/// What can be done with every kind of record. The same interface works on a storage (each call on
/// its own, all or none) and inside a transaction.
///
/// Errors, everywhere: those of pg::Session; invalid_argument, before anything is sent, for input
/// over the limits (limits.hpp) or that PostgreSQL would refuse for its form (text with NUL or
/// broken UTF-8, metadata that is no JSON object). A record that is not there is nullopt or false,
/// no error.
///
/// Thread safety: a storage's from any thread; a transaction's one coroutine at a time.
template <class Record>
class Repository {
public:
  using Key = typename RecordTraits<Record>::Key;
  using New = typename RecordTraits<Record>::New;
  using Patch = typename RecordTraits<Record>::Patch;

  virtual ~Repository() = default;

  /// Errors: server 23505 when its key, or what else must be unique, is taken; 23503 when what it
  /// refers to is not there.
  virtual Task<Record> create(New record, Deadline = default_deadline()) = 0;

  /// All or none, in order. A small batch is one statement in one round trip; one past 1,000 items
  /// or 4 MB is sent as several in one transaction. (Not COPY: PostgreSQL refuses it for tables
  /// under row level security, and it could not say which item failed.)
  /// Errors: BatchError naming every item that failed.
  virtual Task<std::vector<Record>> create_batch(std::vector<New> records,
                                                 Deadline = default_deadline()) = 0;

  /// The same, where an item that fails leaves the others stored. An outcome for each, in order.
  virtual Task<std::vector<std::expected<Record, Error>>> create_each(
      std::vector<New> records, Deadline = default_deadline()) = 0;

  virtual Task<std::optional<Record>> get(Key key, Deadline = default_deadline()) = 0;

  /// In the order of `keys`; nullopt for one that is not there.
  virtual Task<std::vector<std::optional<Record>>> get_batch(std::vector<Key> keys,
                                                             Deadline = default_deadline()) = 0;

  /// Changes what the patch names, and gives the record as it is then; an empty patch changes
  /// nothing. Errors: conflict, when the patch's if_version is not the record's version.
  virtual Task<std::optional<Record>> update(Key key, Patch patch,
                                             Deadline = default_deadline()) = 0;

  /// Writes all fields a patch could, as they are in `record`, provided that the stored version is
  /// still record.version. Errors: conflict when it is not.
  virtual Task<std::optional<Record>> replace(Record record, Deadline = default_deadline()) = 0;

  /// False: it was not there. What that means for a kind of record is said at its repository.
  virtual Task<bool> erase(Key key, Deadline = default_deadline()) = 0;

  virtual Task<Page<Record>> list(Filter filter = {}, ListOptions options = {},
                                  Deadline = default_deadline()) = 0;
  /// Of what is not deleted.
  virtual Task<std::int64_t> count(Filter filter = {}, Deadline = default_deadline()) = 0;
  virtual Task<bool> exists(Filter filter, Deadline = default_deadline()) = 0;
  virtual Task<bool> exists(Key key, Deadline = default_deadline()) = 0;
};

/// All records a filter finds, chunk by chunk, in flat memory: for what does not fit in memory, or
/// need not. Each chunk is a page behind the one before, so what is inserted or erased between two
/// of them may or may not be seen; inside a repeatable-read transaction nothing moves.
///
/// The repository outlives it. One coroutine at a time.
template <class Record>
class RecordStream {
public:
  /// Of `options`, limit is the size of a chunk, in records: where each may be of megabytes
  /// (limits.hpp), let it be small.
  explicit RecordStream(Repository<Record>& repository, Filter filter = {},
                        ListOptions options = {.limit = 500})
      : repository_(&repository), filter_(std::move(filter)), options_(std::move(options)) {}

  /// The next chunk; empty when there are no more.
  [[nodiscard]] Task<std::vector<Record>> next(Deadline deadline = default_deadline()) {
    if (over_) co_return std::vector<Record>();
    Page<Record> page = co_await repository_->list(filter_, options_, deadline);
    options_.cursor = std::move(page.next);
    options_.offset = 0;
    over_ = options_.cursor.empty();
    co_return std::move(page.items);
  }

private:
  Repository<Record>* repository_;
  Filter filter_;
  ListOptions options_;
  bool over_ = false;
};

}  // namespace loci::storage
