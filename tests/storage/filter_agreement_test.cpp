// PostgreSQL and filter_match.hpp must find the same records, whatever is asked.
#include <gtest/gtest.h>
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "storage/filter_match.hpp"
#include "storage/filter_sql.hpp"
#include "storage/list_order.hpp"
#include "storage/random_filters.hpp"
#include "storage/select_fixture.hpp"
#include "support/effort.hpp"

namespace loci::storage {
namespace {

namespace type = pg::type;

// LOCI_TEST_LONG=1 asks for an hour's worth of seeds.
std::uint32_t seeds() {
  return test::in_full() ? 40 : 1;
}
constexpr std::uint32_t k_seed = 20241105;
constexpr int k_rounds = 1500;

std::vector<Memory> random_memories(test::RandomFilters& random, std::size_t count) {
  const auto maybe = [&]<class Value>(Value value) {
    return random.one_in(3) ? std::optional<Value>() : std::optional(std::move(value));
  };
  constexpr std::array kinds{"episodic", "semantic", "procedural", "working"};
  std::vector<Memory> memories(count);
  for (Memory& memory : memories) {
    const Timestamp from = random.time();
    memory.id = Uuid::v7();
    memory.scope = {.user_id = random.text(),
                    .agent_id = maybe(random.text()),
                    .conversation_id = {},
                    .name_space = random.text()};
    memory.kind = kinds.at(random.below(kinds.size()));
    memory.content = "x" + random.text() + random.text();
    memory.importance = random.real();
    memory.pinned = random.one_in(2);
    memory.metadata = {random.json_object()};
    memory.valid_from = from;
    if (random.one_in(2)) memory.valid_to = std::max(from, random.time());
    memory.expires_at = maybe(random.time());
    memory.superseded_by = random.id();
    memory.access_count = random.whole();
    memory.created_at = random.time();
    memory.updated_at = random.time();
  }
  return memories;
}

void store(test::SelectFixture& fixture, const std::vector<Memory>& memories) {
  for (const Memory& m : memories) {
    fixture.sql<type::Uuid, type::Uuid, type::Text, type::Text, type::Text, type::Text, type::Text,
                type::Float8, type::Bool, type::Jsonb, type::Timestamptz, type::Timestamptz,
                type::Timestamptz, type::Uuid, type::Int8, type::Timestamptz, type::Timestamptz>(
        "insert into memories (tenant_id, id, user_id, agent_id, namespace, kind, content,"
        " content_hash, importance, pinned, metadata, valid_from, valid_to, expires_at,"
        " superseded_by, access_count, created_at, updated_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, sha256(convert_to($7, 'UTF8')), $8, $9, $10, $11,"
        " $12, $13, $14, $15, $16, $17)",
        fixture.tenant(), m.id, m.scope.user_id, m.scope.agent_id, m.scope.name_space, m.kind,
        m.content, m.importance, m.pinned, m.metadata, m.valid_from, m.valid_to, m.expires_at,
        m.superseded_by, m.access_count, m.created_at, m.updated_at);
  }
}

std::set<Uuid> ids_of(const std::vector<Memory>& memories) {
  std::set<Uuid> ids;
  for (const Memory& memory : memories) ids.insert(memory.id);
  return ids;
}

std::vector<Memory> matching(const std::vector<Memory>& memories, const Filter& filter) {
  const Filter checked = check_filter<Memory>(filter);
  std::vector<Memory> found;
  std::ranges::copy_if(memories, std::back_inserter(found),
                       [&](const Memory& memory) { return matches(checked, memory); });
  return found;
}

std::string text_of(const Filter& filter) {
  SelectText text{.sql = "where true"};
  add_filter(text, check_filter<Memory>(filter), &declared_field<Memory>);
  return text.sql;
}

TEST(FilterAgreement, PostgresFindsWhatTheMatcherFinds) {
  for (std::uint32_t seed = k_seed; seed < k_seed + seeds(); ++seed) {
    test::SelectFixture fixture;
    test::RandomFilters random(seed);
    const std::vector<Memory> memories = random_memories(random, 60);
    store(fixture, memories);
    std::size_t found_some = 0;
    for (int round = 0; round < k_rounds; ++round) {
      const Filter filter = random.filter<Memory>();
      const std::set<Uuid> expected = ids_of(matching(memories, filter));
      const Page<Memory> page = fixture.list<Memory>(filter, {.limit = 100});
      ASSERT_EQ(ids_of(page.items), expected)
          << "seed " << seed << " round " << round << ": " << text_of(filter);
      if (!expected.empty() && expected.size() < memories.size()) ++found_some;
    }
    EXPECT_GT(found_some, k_rounds / 4U) << "the filters are no test";
  }
}

TEST(FilterAgreement, CountAndExistenceAreThoseOfTheList) {
  test::SelectFixture fixture;
  test::RandomFilters random(k_seed);
  const std::vector<Memory> memories = random_memories(random, 40);
  store(fixture, memories);
  for (int round = 0; round < 200; ++round) {
    const Filter filter = random.filter<Memory>();
    const std::size_t expected = matching(memories, filter).size();
    ASSERT_EQ(fixture.count<Memory>(filter), std::int64_t(expected)) << text_of(filter);
    ASSERT_EQ(fixture.any<Memory>(filter), expected > 0) << text_of(filter);
  }
}

TEST(FilterAgreement, PagesOfEveryOrderAreThoseOfTheMatcher) {
  test::SelectFixture fixture;
  test::RandomFilters random(k_seed + 1);
  std::vector<Memory> memories = random_memories(random, 60);
  store(fixture, memories);
  for (const auto& field : record_fields<Memory>()) {
    if (field.nullable || field.is_long || field.kind == FieldKind::metadata) continue;
    for (const bool descending : {false, true}) {
      SCOPED_TRACE(std::string(field.name) + (descending ? " desc" : ""));
      ListOptions options{.order_by = std::string(field.name),
                          .descending = descending,
                          .limit = static_cast<std::int32_t>(random.below(20) + 1)};
      const auto order = list_order<Memory>(Filter(), options);
      std::ranges::sort(memories, [&](const Memory& left, const Memory& right) {
        return order_before(order, left, right);
      });
      std::vector<Memory> listed;
      do {
        Page<Memory> page = fixture.list<Memory>(Filter(), options);
        listed.insert(listed.end(), page.items.begin(), page.items.end());
        options.cursor = page.next;
      } while (!options.cursor.empty() && listed.size() <= memories.size());
      ASSERT_EQ(listed.size(), memories.size());
      for (std::size_t i = 0; i < listed.size(); ++i) ASSERT_EQ(listed[i].id, memories[i].id) << i;
    }
  }
}

}  // namespace
}  // namespace loci::storage
