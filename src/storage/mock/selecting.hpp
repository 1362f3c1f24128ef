#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "storage/cursor.hpp"
#include "storage/filter_check.hpp"
#include "storage/filter_match.hpp"
#include "storage/list_order.hpp"
#include "storage/mock/rules.hpp"

/// Finding records by a filter.
namespace loci::storage::mock {

template <class T>
void keep_first(std::vector<T>& all, std::int32_t most) {
  if (all.size() > static_cast<std::size_t>(most)) all.resize(static_cast<std::size_t>(most));
}

template <class Record>
[[nodiscard]] std::vector<Found<Record>> all_matching(Statement& s, const Filter& checked,
                                                      Deleted deleted = Deleted::exclude) {
  std::vector<Found<Record>> found;
  Rules<Record>::each(s, deleted, [&](const Found<Record>& record) {
    if (matches(checked, *record)) found.push_back(record);
  });
  return found;
}

template <class Record>
[[nodiscard]] Page<Record> page_of(Statement& s, const Filter& filter, const ListOptions& options) {
  const Filter checked = check_filter<Record>(filter);
  const ListOrder<Record> order = list_order<Record>(checked, options);
  const CursorScope scope = cursor_scope(Rules<Record>::name, s.scope.tenant, s.scope.user, checked,
                                         order, options.deleted);
  std::vector<std::pair<Position, Found<Record>>> found;
  for (const auto& record : all_matching<Record>(s, checked, options.deleted)) {
    found.emplace_back(position_of(order, *record), record);
  }
  const auto before = [&](const Position& left, const Position& right) {
    return stands_before(left, right, order.descending);
  };
  std::ranges::sort(found, before, [](const auto& each) -> const Position& { return each.first; });

  auto first = found.begin();
  if (!options.cursor.empty()) {
    const Position last = read_cursor(s.cursor_key, scope, options.cursor);
    first = std::ranges::find_if(found, [&](const auto& each) { return before(last, each.first); });
  }
  first += std::min<std::ptrdiff_t>(options.offset, found.end() - first);
  const auto end = first + std::min<std::ptrdiff_t>(options.limit, found.end() - first);

  Page<Record> page;
  for (auto each = first; each != end; ++each) page.items.push_back(*each->second);
  if (end != found.end()) page.next = write_cursor(s.cursor_key, scope, (end - 1)->first);
  return page;
}

}  // namespace loci::storage::mock
