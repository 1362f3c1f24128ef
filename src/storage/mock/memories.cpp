#include <algorithm>

#include "storage/mock/jsonb.hpp"
#include "storage/mock/repositories.hpp"

namespace loci::storage::mock {

namespace {

using MemoryRules = Rules<Memory>;

// nullopt is never: later than any time.
std::optional<Timestamp> later(std::optional<Timestamp> one, std::optional<Timestamp> other) {
  return one && other ? std::optional(std::max(*one, *other)) : std::nullopt;
}

Memory refreshed(const Memory& record, const NewMemory& by, Timestamp now) {
  Memory fresh = record;
  fresh.importance = std::max(record.importance, by.importance);
  fresh.pinned = record.pinned || by.pinned;
  fresh.expires_at = later(record.expires_at, by.expires_at);
  fresh.metadata = merged(record.metadata, by.metadata);
  if (record.valid_to && *record.valid_to <= now) {  // it is true again
    fresh.valid_from = by.valid_from.value_or(now);
    fresh.valid_to = by.valid_to;
  }
  return fresh;
}

// What `of` picks, the first ones by `order`, removed for good. Gives their number.
template <class Pick, class Order>
std::int64_t remove_some(Statement& s, std::int32_t limit, Pick pick, Order order) {
  require_limit(limit);
  std::vector<Found<Memory>> picked;
  s.work.each<Memory>(s.key(Table::memories), [&](const auto& /*key*/, const auto& each) {
    if ((!s.scope.user || each->scope.user_id == *s.scope.user) && pick(*each)) {
      picked.push_back(each);
    }
  });
  std::ranges::sort(picked, {}, order);
  keep_first(picked, limit);
  for (const auto& each : picked) MemoryRules::remove(s, *each);
  return static_cast<std::int64_t>(picked.size());
}

}  // namespace

Task<Upserted> Memories::upsert(NewMemory memory, Deadline deadline) {
  return unit_.run(named("upsert"), deadline, [memory = std::move(memory)](Statement& s) {
    check(memory);
    Memory like;
    like.scope = memory.scope;
    like.scope.user_id = owner_of(s.scope, memory.scope.user_id);
    like.kind = memory.kind;
    like.content = memory.content;
    const auto found = MemoryRules::find_alike(s, like);
    if (!found || MemoryRules::is_expired(*found, s.now)) {
      return Upserted{.memory = MemoryRules::create(s, memory), .created = true};
    }
    MemoryRules::require_valid_span(memory.valid_from.value_or(s.now), memory.valid_to);
    MemoryRules::add_sources(s, found->id, memory.sources);
    Memory fresh = refreshed(*found, memory, s.now);
    fresh.updated_at = s.now;
    return Upserted{.memory = MemoryRules::put(s, *found, std::move(fresh)), .created = false};
  });
}

Task<std::optional<Memory>> Memories::supersede(Uuid old, NewMemory by, Deadline deadline) {
  return unit_.run(named("supersede"), deadline,
                   [old, by = std::move(by)](Statement& s) -> std::optional<Memory> {
                     check(by);
                     (void)owner_of(s.scope, by.scope.user_id);
                     const auto found = MemoryRules::find(s, old);
                     if (!found || found->superseded_by) return std::nullopt;
                     NewMemory next = by;
                     if (!next.id) next.id = Uuid::v7();
                     Memory ended = *found;
                     const Timestamp end =
                         std::max(found->valid_from, by.valid_from.value_or(s.now));
                     ended.valid_to = std::min(end, found->valid_to.value_or(end));
                     ended.superseded_by = next.id;
                     ended.updated_at = s.now;
                     (void)MemoryRules::put(s, *found, std::move(ended));
                     return MemoryRules::create(s, next);
                   });
}

Task<std::vector<MemoryVersion>> Memories::versions(Uuid id, Deadline deadline) {
  return unit_.run(named("versions"), deadline, [id](Statement& s) {
    std::vector<MemoryVersion> versions;
    if (!MemoryRules::find(s, id)) return versions;
    s.work.each<MemoryVersion>(
        s.key(Table::memory_versions, id),
        [&](const auto& /*key*/, const auto& each) { versions.push_back(*each); });
    return versions;
  });
}

Task<std::vector<Uuid>> Memories::sources(Uuid id, Deadline deadline) {
  return unit_.run(named("sources"), deadline, [id](Statement& s) {
    std::vector<Uuid> sources;
    if (!MemoryRules::find(s, id)) return sources;
    s.work.each<MemorySource>(
        s.key(Table::memory_sources, id),
        [&](const auto& /*key*/, const auto& each) { sources.push_back(each->message_id); });
    return sources;
  });
}

Task<std::int64_t> Memories::touch(std::vector<Uuid> ids, Deadline deadline) {
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return unit_.run(named("touch"), deadline, [ids = std::move(ids)](Statement& s) {
    require_keys(ids.size());
    std::int64_t touched = 0;
    for (const Uuid& id : ids) {
      const auto found = MemoryRules::find(s, id);
      if (!found) continue;
      Memory record = *found;
      ++record.access_count;
      record.last_accessed_at = s.now;
      MemoryRules::overwrite(s, *found, record);
      ++touched;
    }
    return touched;
  });
}

Task<std::int64_t> Memories::sweep(Timestamp at, std::int32_t limit, Deadline deadline) {
  return unit_.run(named("sweep"), deadline, [at, limit](Statement& s) {
    require_time(at, "at");
    return remove_some(
        s, limit, [at](const Memory& each) { return MemoryRules::is_expired(each, at); },
        [](const auto& each) { return *each->expires_at; });
  });
}

Task<std::int64_t> Memories::purge_deleted(Timestamp erased_before, std::int32_t limit,
                                           Deadline deadline) {
  return unit_.run(named("purge_deleted"), deadline, [erased_before, limit](Statement& s) {
    require_time(erased_before, "erased_before");
    return remove_some(
        s, limit,
        [&](const Memory& each) { return each.deleted_at && *each.deleted_at < erased_before; },
        [](const auto& each) { return *each->deleted_at; });
  });
}

Task<std::vector<Memory>> Memories::most_important(Filter filter, std::int32_t limit,
                                                   std::chrono::seconds half_life,
                                                   Deadline deadline) {
  return unit_.run(
      named("most_important"), deadline,
      [filter = std::move(filter), limit, half_life](Statement& s) {
        require_limit(limit);
        std::vector<Memory> valid;
        for (const auto& each : all_matching<Memory>(s, check_filter<Memory>(filter))) {
          if (each->valid_from <= s.now && (!each->valid_to || *each->valid_to > s.now)) {
            valid.push_back(*each);
          }
        }
        std::ranges::sort(valid, std::greater(), [&](const Memory& each) {
          return std::pair(decayed_importance(each, s.now, half_life), each.id);
        });
        keep_first(valid, limit);
        return valid;
      });
}

}  // namespace loci::storage::mock
