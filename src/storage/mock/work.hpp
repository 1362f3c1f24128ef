#pragma once
#include <loci/base/error.hpp>
#include <loci/pg/transaction.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/mock/rows.hpp"

namespace loci::storage::mock {

/// What the server would say.
[[nodiscard]] Error server_error(std::string_view sqlstate, std::string_view message);

/// One transaction: what it sees, and what it has changed so far. Destroyed without commit(),
/// nothing of it stays.
///
/// A read-committed one sees, in each statement, what was committed before it; the others see what
/// was committed before their first statement, and a row that was changed after it cannot be
/// written (40001). A serializable one that wrote something commits only if all it read is still as
/// it was: stricter than PostgreSQL, which lets the harmless cases pass.
///
/// Thread safety: none, as Rows.
class Work {
public:
  Work(Rows& rows, pg::TransactionOptions options) : rows_(&rows), options_(options) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  ~Work() { end(); }

  // For statements.

  template <class Record>
  [[nodiscard]] std::shared_ptr<const Record> find(const Key& key) {
    return std::static_pointer_cast<const Record>(row(key));
  }
  /// All whose keys begin so, in order. What `visit` writes is not seen.
  template <class Record, class Visit>
  void each(const Key& prefix, Visit visit) {
    for (auto& [key, row] : rows_under(prefix)) {
      visit(key, std::static_pointer_cast<const Record>(row));
    }
  }
  /// What a foreign key asks: whether it is there by now, whatever this transaction sees. Asked
  /// again at commit. Errors: server 23503.
  void require_there(const Key& key, std::string_view constraint);

  /// A new row. Errors: server 23505, naming `constraint`, when the key is taken.
  template <class Record>
  void insert(const Key& key, Record record, std::string_view constraint) {
    require_free(key, constraint);
    write(key, std::make_shared<const Record>(std::move(record)));
  }
  /// Another state of a row that was found.
  template <class Record>
  void put(const Key& key, Record record) {
    require_unchanged(key);
    write(key, std::make_shared<const Record>(std::move(record)));
  }
  void remove(const Key& key) {
    require_unchanged(key);
    write(key, nullptr);
  }

  /// Undoes what `part` has written when it throws, as a savepoint does.
  template <class Part>
  auto all_or_none(Part part) {
    const std::size_t mark = undo_.size();
    try {
      return part();
    } catch (...) {
      undo_to(mark);
      throw;
    }
  }

  // For those who run statements.

  /// Takes the snapshot.
  void begin_statement();
  /// Whether nobody else owns what was written since `mark`: then this one does from now on. Else
  /// it is to be undone, and tried again.
  [[nodiscard]] bool claim(std::size_t mark);
  /// Whether whoever is in the way waits, in the end, for this one.
  [[nodiscard]] bool deadlocked() const;
  [[nodiscard]] std::size_t mark() const noexcept { return undo_.size(); }
  void undo_to(std::size_t mark);
  /// Errors: server 40001, 23503; then, too, it is over.
  void commit();
  /// Undoes all of it, as the server does when a statement fails, and takes no more.
  void fail() noexcept;
  void end() noexcept;
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] bool over() const noexcept { return over_; }

private:
  [[nodiscard]] Row row(const Key& key);
  [[nodiscard]] std::vector<std::pair<Key, Row>> rows_under(const Key& prefix);
  [[nodiscard]] Row newest(const Key& key) const;
  void require_free(const Key& key, std::string_view constraint) const;
  void require_unchanged(const Key& key) const;
  void write(const Key& key, Row row);
  [[nodiscard]] bool stale() const;
  void release() noexcept;
  [[nodiscard]] bool serializable() const noexcept {
    return options_.isolation == pg::Isolation::serializable;
  }

  struct Written {
    Key key;
    std::optional<Row> before;  // nullopt: this transaction had not written it
  };

  Rows* rows_;
  pg::TransactionOptions options_;
  std::optional<Moment> held_;  // the snapshot of all statements
  Moment sees_ = 0;
  std::optional<Key> waits_for_;  // another one's
  std::map<Key, Row> changes_;
  std::vector<Written> undo_;
  std::set<Key> read_;           // keys, of a serializable one
  std::set<Key> read_prefixes_;  // all rows under them
  bool failed_ = false;
  bool over_ = false;
  std::map<Key, std::string> parents_;  // each with the constraint that wants it
};

}  // namespace loci::storage::mock
