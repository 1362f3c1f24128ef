#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace loci::pg {

/// Which statements a connection's server has prepared, and under which names: the most recently
/// used, up to a bound. It sends nothing; who uses it prepares and closes.
///
/// Its key is the text alone: no parameter types are sent with it, so the server takes them from
/// the text, and one text has one set of them.
class StatementCache {
public:
  /// `bound` 0 keeps none: every statement is then to be sent unnamed.
  explicit StatementCache(std::size_t bound) : bound_(bound) {}

  [[nodiscard]] bool enabled() const noexcept { return bound_ != 0; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool contains(std::string_view sql) const { return index_.contains(sql); }

  /// The server's name of a statement, now the most recently used; null when it is to be prepared.
  [[nodiscard]] const char* find(std::string_view sql) {
    const auto known = index_.find(sql);
    if (known == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, known->second);
    return known->second->name.c_str();
  }

  struct Entry {
    std::string sql;
    std::string name;
    std::uint64_t serial;  ///< From 1; tells it from an earlier one of the same text.
  };

  /// A new statement, valid as long as it is kept. First call evict() until it gives nothing.
  [[nodiscard]] const Entry& add(std::string_view sql) {
    ++made_;
    entries_.push_front({std::string(sql), "loci_" + std::to_string(made_), made_});
    index_.emplace(entries_.front().sql, entries_.begin());
    return entries_.front();
  }

  /// The name of a statement that the server is to close, for there is no room for one more, or
  /// because an earlier close did not come through.
  [[nodiscard]] std::optional<std::string> evict() {
    if (!unclosed_.empty()) {
      std::string name = std::move(unclosed_.back());
      unclosed_.pop_back();
      return name;
    }
    if (entries_.size() < bound_) return std::nullopt;
    std::string name = std::move(entries_.back().name);
    index_.erase(entries_.back().sql);
    entries_.pop_back();
    return name;
  }
  /// The server skipped the close of an evicted statement.
  void not_closed(std::string name) { unclosed_.push_back(std::move(name)); }

  /// Which one was found or added last.
  [[nodiscard]] std::uint64_t latest() const { return entries_.front().serial; }

  /// The server does not have it: its Parse failed.
  void forget(std::string_view sql) {
    if (const auto known = index_.find(sql); known != index_.end()) erase(known);
  }
  /// The server said that it no longer fits, or that it is gone: it is to be closed, and prepared
  /// anew. Nothing when that has been done since it was executed.
  void drop(std::string_view sql, std::uint64_t serial) {
    const auto known = index_.find(sql);
    if (known == index_.end() || known->second->serial != serial) return;
    unclosed_.push_back(known->second->name);
    erase(known);
  }

private:
  using Index = std::unordered_map<std::string_view, std::list<Entry>::iterator>;
  void erase(Index::iterator known) {
    const auto entry = known->second;
    index_.erase(known);
    entries_.erase(entry);
  }

  std::size_t bound_;
  std::uint64_t made_ = 0;
  std::list<Entry> entries_;  // the most recently used first
  Index index_;               // views of the entries
  std::vector<std::string> unclosed_;
};

}  // namespace loci::pg
