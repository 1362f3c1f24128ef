#include <algorithm>
#include <ranges>

#include "storage/mock/repositories.hpp"
#include "storage/mock/title_words.hpp"

namespace loci::storage::mock {

Task<std::optional<Conversation>> Conversations::restore(Uuid id, Deadline deadline) {
  return unit_.run(named("restore"), deadline, [id](Statement& s) -> std::optional<Conversation> {
    const auto found = Rules<Conversation>::find_any(s, id);
    if (!found || !found->deleted_at) return std::nullopt;
    Conversation record = *found;
    record.deleted_at.reset();
    return Rules<Conversation>::put(s, *found, std::move(record));
  });
}

Task<bool> Conversations::purge(Uuid id, Deadline deadline) {
  return unit_.run(named("purge"), deadline, [id](Statement& s) {
    const auto found = Rules<Conversation>::find_any(s, id);
    if (found) Rules<Conversation>::remove(s, *found);
    return found != nullptr;
  });
}

Task<std::int64_t> Conversations::purge_deleted(Timestamp erased_before, std::int32_t limit,
                                                Deadline deadline) {
  return unit_.run(named("purge_deleted"), deadline, [=](Statement& s) {
    require_limit(limit);
    require_time(erased_before, "erased_before");
    auto erased = all_matching<Conversation>(s, {}, Deleted::only);
    std::erase_if(erased, [&](const auto& each) { return *each->deleted_at >= erased_before; });
    std::ranges::sort(erased, {},
                      [](const auto& each) { return std::pair(*each->deleted_at, each->id); });
    keep_first(erased, limit);
    for (const auto& each : erased) Rules<Conversation>::remove(s, *each);
    return static_cast<std::int64_t>(erased.size());
  });
}

Task<std::vector<Conversation>> Conversations::search_titles(std::string words, std::int32_t limit,
                                                             Deadline deadline) {
  return unit_.run(named("search_titles"), deadline,
                   [words = std::move(words), limit](Statement& s) {
                     require_limit(limit);
                     require_storable(words, "words", limits::title);
                     std::vector<Conversation> hits;
                     const std::vector<std::string> wanted = title_words(words);
                     if (wanted.empty()) return hits;
                     for (const auto& each : all_matching<Conversation>(s, {})) {
                       if (holds_words(each->title, wanted)) hits.push_back(*each);
                     }
                     std::ranges::sort(hits, std::greater(), [](const Conversation& each) {
                       return std::pair(each.updated_at, each.id);
                     });
                     keep_first(hits, limit);
                     return hits;
                   });
}

}  // namespace loci::storage::mock
