#include "storage/mock/work.hpp"

#include <algorithm>
#include <string>

namespace loci::storage::mock {

namespace {

constexpr std::string_view k_serialization_failure = "40001";

Error orphaned(std::string_view constraint) {
  return server_error("23503", "insert or update violates foreign key constraint \"" +
                                   std::string(constraint) + "\"");
}

}  // namespace

Error server_error(std::string_view sqlstate, std::string_view message) {
  return Error(
      ServerError{
          .severity = "ERROR", .sqlstate = std::string(sqlstate), .message = std::string(message)},
      "mock");
}

void Work::begin_statement() {
  waits_for_.reset();
  sees_ = held_.value_or(rows_->now());
  if (options_.isolation == pg::Isolation::read_committed || held_) return;
  held_ = sees_;
  rows_->hold(sees_);
}

Row Work::row(const Key& key) {
  if (serializable()) read_.insert(key);
  const auto own = changes_.find(key);
  return own != changes_.end() ? own->second : rows_->find(key, sees_);
}

std::vector<std::pair<Key, Row>> Work::rows_under(const Key& prefix) {
  if (serializable()) read_prefixes_.insert(prefix);
  std::map<Key, Row> found;
  rows_->each(prefix, sees_,
              [&](const Key& key, const Row& row) { found.emplace_hint(found.end(), key, row); });
  for (auto own = changes_.lower_bound(prefix);
       own != changes_.end() && own->first.starts_with(prefix); ++own) {
    if (own->second) {
      found.insert_or_assign(own->first, own->second);
    } else {
      found.erase(own->first);
    }
  }
  return {found.begin(), found.end()};
}

Row Work::newest(const Key& key) const {
  const auto own = changes_.find(key);
  return own != changes_.end() ? own->second : rows_->find(key, rows_->now());
}

void Work::require_free(const Key& key, std::string_view constraint) const {
  if (!newest(key)) return;
  throw server_error("23505", "duplicate key value violates unique constraint \"" +
                                  std::string(constraint) + "\"");
}

void Work::require_there(const Key& key, std::string_view constraint) {
  if (!newest(key)) throw orphaned(constraint);
  parents_.emplace(key, constraint);
}

void Work::require_unchanged(const Key& key) const {
  if (rows_->last_change(key) <= sees_ || changes_.contains(key)) return;
  throw server_error(k_serialization_failure,
                     "could not serialize access due to concurrent update");
}

void Work::write(const Key& key, Row row) {
  if (options_.read_only) {
    throw server_error("25006", "cannot write in a read-only transaction");
  }
  const auto [place, fresh] = changes_.try_emplace(key);
  undo_.push_back({key, fresh ? std::nullopt : std::optional(place->second)});
  place->second = std::move(row);
}

bool Work::claim(std::size_t mark) {
  for (std::size_t i = mark; i < undo_.size(); ++i) {
    const Work* const owner = rows_->owner(undo_[i].key);
    if (owner == nullptr || owner == this) continue;
    waits_for_ = undo_[i].key;
    return false;
  }
  for (std::size_t i = mark; i < undo_.size(); ++i) rows_->own(undo_[i].key, *this);
  return true;
}

bool Work::deadlocked() const {
  for (const Work* each = this; each != nullptr && each->waits_for_;) {
    each = rows_->owner(*each->waits_for_);
    if (each == this) return true;
  }
  return false;
}

void Work::undo_to(std::size_t mark) {
  for (; undo_.size() > mark; undo_.pop_back()) {
    Written& last = undo_.back();
    if (last.before) {
      changes_[last.key] = std::move(*last.before);
    } else {
      changes_.erase(last.key);
    }
  }
}

bool Work::stale() const {
  const auto changed = [&](const Key& key) { return rows_->last_change(key) > sees_; };
  const auto changed_under = [&](const Key& prefix) { return rows_->changed_since(prefix, sees_); };
  return !changes_.empty() && (std::ranges::any_of(read_, changed) ||
                               std::ranges::any_of(read_prefixes_, changed_under));
}

void Work::commit() {
  std::optional<Error> refusal;
  if (stale()) {
    refusal = server_error(
        k_serialization_failure,
        "could not serialize access due to read/write dependencies among transactions");
  }
  for (const auto& [parent, constraint] : parents_) {
    if (!refusal && !newest(parent)) refusal = orphaned(constraint);
  }
  const std::map<Key, Row> changes = changes_;
  end();
  if (refusal) throw Error(*refusal);
  if (!changes.empty()) rows_->write(changes);
}

void Work::fail() noexcept {
  release();
  failed_ = true;
}

void Work::end() noexcept {
  release();
  over_ = true;
}

void Work::release() noexcept {
  for (const auto& [key, row] : changes_) {
    if (rows_->owner(key) == this) rows_->disown(key);
  }
  if (held_) rows_->let_go(*held_);
  held_.reset();
  waits_for_.reset();
  changes_.clear();
  undo_.clear();
  parents_.clear();
}

}  // namespace loci::storage::mock
