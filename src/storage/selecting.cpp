#include "storage/selecting.hpp"

#include <cstdint>
#include <memory>
#include <utility>

#include "queries/selects.hpp"
#include "storage/cursor.hpp"
#include "storage/cursor_key.hpp"
#include "storage/filter_check.hpp"
#include "storage/filter_sql.hpp"
#include "storage/list_order.hpp"
#include "storage/metadata_probe.hpp"
#include "storage/rows.hpp"

namespace loci::storage {

namespace {

// Whose row says that a record is deleted, and whose it is: the record's own, its conversation's,
// or nobody's.
enum class Table : std::uint8_t { none, own, conversation };

std::string_view alias(Table table) {
  return table == Table::own ? "t" : "c";
}

template <class RowsQuery, class CountQuery, class AnyQuery, Table deleted_of, Table user_of>
struct Queries {
  using Rows = RowsQuery;
  using Count = CountQuery;
  using Any = AnyQuery;
  static constexpr Table deleted = deleted_of;
  static constexpr Table user = user_of;
};

template <class Record>
struct Selects;
template <>
struct Selects<Conversation> : Queries<queries::SelectConversations, queries::CountConversations,
                                       queries::AnyConversation, Table::own, Table::own> {
  static constexpr std::string_view name = "conversations";
};
template <>
struct Selects<Message> : Queries<queries::SelectMessages, queries::CountMessages,
                                  queries::AnyMessage, Table::conversation, Table::conversation> {
  static constexpr std::string_view name = "messages";
};
template <>
struct Selects<Embedding> : Queries<queries::SelectEmbeddings, queries::CountEmbeddings,
                                    queries::AnyEmbedding, Table::none, Table::none> {
  static constexpr std::string_view name = "embeddings";
};
template <>
struct Selects<Memory> : Queries<queries::SelectMemories, queries::CountMemories,
                                 queries::AnyMemory, Table::own, Table::own> {
  static constexpr std::string_view name = "memories";
};
template <>
struct Selects<Tool> : Queries<queries::SelectTools, queries::CountTools, queries::AnyTool,
                               Table::none, Table::none> {
  static constexpr std::string_view name = "tools";
};
template <>
struct Selects<ToolExecution>
    : Queries<queries::SelectToolExecutions, queries::CountToolExecutions,
              queries::AnyToolExecution, Table::conversation, Table::conversation> {
  static constexpr std::string_view name = "tool_executions";
};

// The generated text with its own parameters, and what a view and the filter add to it.
template <class Record, class Query>
Task<SelectText> begin(Unit unit, Filter checked, Deleted deleted, Deadline deadline) {
  using Of = Selects<Record>;
  Query query{.tenant_id = unit.tenant_id};
  if constexpr (requires { query.only_user; }) query.only_user = unit.user_id;
  SelectText statement{.sql = std::string(Query::statement.sql)};
  query.bind(statement.params);
  if constexpr (Of::deleted != Table::none) {
    add_deleted(statement, alias(Of::deleted), deleted);
  } else if (deleted == Deleted::only) {
    add_filter(statement, !Filter(), &declared_field<Record>);  // nothing there is ever deleted
  }
  if constexpr (Of::user != Table::none) {
    if (unit.user_id) add_user(statement, alias(Of::user), *unit.user_id);
  }
  const auto ids = co_await probe_metadata<Record>(std::move(unit), checked, deadline);
  if (ids) add_ids(statement, *ids);
  add_filter(statement, checked, &declared_field<Record>);
  co_return statement;
}

template <class Query>
Task<pg::Result> execute(Unit unit, SelectText statement, Deadline deadline) {
  const auto text = std::make_shared<const std::string>(std::move(statement.sql));
  pg::Result result = co_await unit.session->execute_one(
      {.statement = {.name = Query::statement.name, .sql = *text, .lane = Query::statement.lane},
       .params = std::move(statement.params),
       .text = text},
      deadline);
  result.check();
  co_return result;
}

template <class Query>
auto decode(const pg::Result& result) {
  std::vector<decltype(to_record(Query::decode(result.row(0))))> records;
  records.reserve(result.rows());
  for (std::size_t i = 0; i < result.rows(); ++i) {
    records.push_back(to_record(Query::decode(result.row(i))));
  }
  return records;
}

}  // namespace

template <class Record>
Task<Page<Record>> select_page(Unit unit, Filter filter, ListOptions options, Deadline deadline) {
  using Query = typename Selects<Record>::Rows;
  const Filter checked = check_filter<Record>(filter);
  const ListOrder<Record> order = list_order<Record>(checked, options);
  const CursorScope scope = cursor_scope(Selects<Record>::name, unit.tenant_id, unit.user_id,
                                         checked, order, options.deleted);
  Position behind;
  if (!options.cursor.empty()) {
    behind =
        read_cursor(co_await unit.cursor_key->get(*unit.session, deadline), scope, options.cursor);
  }
  SelectText statement = co_await begin<Record, Query>(unit, checked, options.deleted, deadline);
  if (!behind.empty()) add_behind(statement, scope.fields, behind, order.descending);
  add_order(statement, scope.fields, order.descending);
  add_limit(statement, std::int64_t{options.limit} + 1,
            options.offset);  // one more: is there more?
  const pg::Result result = co_await execute<Query>(unit, std::move(statement), deadline);
  Page<Record> page{.items = decode<Query>(result), .next = {}};
  if (std::ssize(page.items) > options.limit) {
    page.items.pop_back();
    page.next = write_cursor(co_await unit.cursor_key->get(*unit.session, deadline), scope,
                             position_of(order, page.items.back()));
  }
  co_return page;
}

template <class Record>
Task<std::int64_t> count_matching(Unit unit, Filter filter, Deadline deadline) {
  using Query = typename Selects<Record>::Count;
  SelectText statement =
      co_await begin<Record, Query>(unit, check_filter<Record>(filter), Deleted::exclude, deadline);
  const pg::Result result = co_await execute<Query>(unit, std::move(statement), deadline);
  co_return Query::decode(result.row(0)).total;
}

template <class Record>
Task<bool> any_matching(Unit unit, Filter filter, Deadline deadline) {
  using Query = typename Selects<Record>::Any;
  SelectText statement =
      co_await begin<Record, Query>(unit, check_filter<Record>(filter), Deleted::exclude, deadline);
  add_limit(statement, 1);
  const pg::Result result = co_await execute<Query>(unit, std::move(statement), deadline);
  co_return result.rows() != 0;
}

Task<std::vector<Memory>> select_most_important(Unit unit, Filter filter, std::int32_t limit,
                                                std::chrono::seconds half_life, Deadline deadline) {
  using Query = queries::SelectValidMemories;
  SelectText statement =
      co_await begin<Memory, Query>(unit, check_filter<Memory>(filter), Deleted::exclude, deadline);
  add_importance_order(statement, half_life);
  add_limit(statement, limit);
  co_return decode<Query>(co_await execute<Query>(unit, std::move(statement), deadline));
}

template Task<Page<Conversation>> select_page(Unit, Filter, ListOptions, Deadline);
template Task<Page<Message>> select_page(Unit, Filter, ListOptions, Deadline);
template Task<Page<Embedding>> select_page(Unit, Filter, ListOptions, Deadline);
template Task<Page<Memory>> select_page(Unit, Filter, ListOptions, Deadline);
template Task<Page<Tool>> select_page(Unit, Filter, ListOptions, Deadline);
template Task<Page<ToolExecution>> select_page(Unit, Filter, ListOptions, Deadline);
template Task<std::int64_t> count_matching<Conversation>(Unit, Filter, Deadline);
template Task<std::int64_t> count_matching<Message>(Unit, Filter, Deadline);
template Task<std::int64_t> count_matching<Embedding>(Unit, Filter, Deadline);
template Task<std::int64_t> count_matching<Memory>(Unit, Filter, Deadline);
template Task<std::int64_t> count_matching<Tool>(Unit, Filter, Deadline);
template Task<std::int64_t> count_matching<ToolExecution>(Unit, Filter, Deadline);
template Task<bool> any_matching<Conversation>(Unit, Filter, Deadline);
template Task<bool> any_matching<Message>(Unit, Filter, Deadline);
template Task<bool> any_matching<Embedding>(Unit, Filter, Deadline);
template Task<bool> any_matching<Memory>(Unit, Filter, Deadline);
template Task<bool> any_matching<Tool>(Unit, Filter, Deadline);
template Task<bool> any_matching<ToolExecution>(Unit, Filter, Deadline);

}  // namespace loci::storage
