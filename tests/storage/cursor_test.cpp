#include "storage/cursor.hpp"

#include <loci/base/error.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/base64url.hpp"
#include "pg/ask.hpp"
#include "storage/filter_check.hpp"

namespace loci::storage {
namespace {

using test::error_of;
using M = MemoryFields;

const std::string key = "a key of this test";  // NOLINT(cert-err58-cpp)

CursorScope scope_of(const Filter& filter = M::kind.eq("semantic"),
                     const std::string& order_by = "importance") {
  const Filter checked = check_filter<Memory>(filter);
  return cursor_scope("memories", Uuid{}, std::nullopt, checked,
                      list_order<Memory>(checked, {.order_by = order_by}), Deleted::exclude);
}

Position somewhere() {
  return {0.25, Uuid::v7()};
}

void expect_refused(const CursorScope& scope, const std::string& cursor,
                    const std::string& with = key) {
  const Error error = error_of([&] { return read_cursor(with, scope, cursor); });
  EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  EXPECT_STREQ(error.what(),
               "list: this cursor is damaged, or belongs to a list with another filter or order");
}

TEST(Cursor, GivesBackThePositionOfEveryKindOfField) {
  for (const std::string order_by :
       {"id", "user_id", "namespace", "importance", "pinned", "valid_from", "access_count"}) {
    Memory memory;
    memory.id = Uuid::v7();
    memory.scope.user_id = "\u00e4 'quoted'";
    memory.importance = 0.1;
    memory.pinned = true;
    memory.valid_from = Timestamp::min();
    memory.access_count = -5;
    const ListOrder<Memory> order = list_order<Memory>(Filter(), {.order_by = order_by});
    const CursorScope scope = scope_of(Filter(), order_by);
    const Position position = position_of(order, memory);
    EXPECT_EQ(read_cursor(key, scope, write_cursor(key, scope, position)), position) << order_by;
  }
}

TEST(Cursor, IsRefusedWithAnyBitFlipped) {
  const CursorScope scope = scope_of();
  const std::string bytes = from_base64url(write_cursor(key, scope, somewhere())).value();
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string forged = bytes;
    forged[i / 8] = static_cast<char>(forged[i / 8] ^ 1 << i % 8);
    expect_refused(scope, to_base64url(forged));
  }
}

TEST(Cursor, IsRefusedWithAnyLetterChanged) {
  const CursorScope scope = scope_of();
  const std::string cursor = write_cursor(key, scope, somewhere());
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    std::string changed = cursor;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    expect_refused(scope, changed);
    changed[i] = '=';
    expect_refused(scope, changed);
  }
}

TEST(Cursor, IsRefusedWhenTornAnywhere) {
  const CursorScope scope = scope_of();
  const std::string cursor = write_cursor(key, scope, somewhere());
  for (std::size_t length = 0; length < cursor.size(); ++length) {
    expect_refused(scope, cursor.substr(0, length));
    expect_refused(scope, cursor.substr(cursor.size() - length));
  }
  expect_refused(scope, cursor + "A");
  expect_refused(scope, cursor + cursor);
}

TEST(Cursor, OfAnotherKeyIsRefused) {
  expect_refused(scope_of(), write_cursor("another key", scope_of(), somewhere()));
}

TEST(Cursor, OfAnotherListIsRefused) {
  const CursorScope scope = scope_of();
  const auto refused = [&](auto change) {
    CursorScope other = scope;
    change(other);
    expect_refused(scope, write_cursor(key, other, somewhere()));
  };
  refused([](CursorScope& s) { s.record = "messages"; });
  refused([](CursorScope& s) { s.tenant_id = Uuid::v7(); });
  refused([](CursorScope& s) { s.user_id = ""; });
  refused([](CursorScope& s) { s.descending = true; });
  refused([](CursorScope& s) { s.deleted = Deleted::include; });
  refused([](CursorScope& s) { s.filter = Filter(); });
  refused([](CursorScope& s) { s.filter = !s.filter; });
  refused([](CursorScope& s) { s.filter = check_filter<Memory>(M::kind.eq("semantik")); });
  refused([](CursorScope& s) { s.filter = check_filter<Memory>(M::kind.ne("semantic")); });
  refused([](CursorScope& s) { s.fields = scope_of(Filter(), "created_at").fields; });
}

}  // namespace
}  // namespace loci::storage
