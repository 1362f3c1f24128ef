#include "storage/metadata_probe.hpp"

#include <loci/base/json_writer.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

#include "queries/selects.hpp"
#include "storage/jsonb_value.hpp"

namespace loci::storage {

namespace {

// Past these, reading all ids costs more than they save.
constexpr std::int32_t k_most_ids = 2000;

// A document that contains `extra` as well, where one can; else as it was, which asks for less.
void add(JsonbValue& document, JsonbValue extra) {
  if (document.kind != extra.kind) return;
  for (auto& [name, member] : extra.members) {
    const auto [place, is_new] = document.members.try_emplace(name, member);
    if (!is_new) add(place->second, std::move(member));
  }
  for (JsonbValue& element : extra.elements) document.elements.push_back(std::move(element));
}

JsonbValue nested(const std::vector<std::string>& path, JsonbValue value) {
  for (auto name = path.rbegin(); name != path.rend(); ++name) {
    JsonbValue outer{.kind = Json::Kind::object};
    outer.members.emplace(*name, std::move(value));
    value = std::move(outer);
  }
  return value;
}

void collect(const Filter& filter, JsonbValue& document) {
  if (filter.op() == FilterOp::conjunction) {
    for (const Filter& child : filter.node().children) collect(child, document);
  }
  if (filter.op() != FilterOp::eq && filter.op() != FilterOp::contains) return;
  const Filter::Node& node = filter.node();
  if (const auto* json = std::get_if<JsonText>(&node.values.front())) {
    add(document, nested(node.path, JsonbValue::parse(*json)));
  }
}

// The index (jsonb_path_ops) knows scalars by the names that lead to them, and nothing else.
bool has_scalar(const JsonbValue& value) {
  return value.is_scalar() || std::ranges::any_of(value.elements, has_scalar) ||
         std::ranges::any_of(value.members,
                             [](const auto& member) { return has_scalar(member.second); });
}

void write(JsonWriter& out, const JsonbValue& value) {
  switch (value.kind) {
    case Json::Kind::boolean:
      out.value(value.truth);
      return;
    case Json::Kind::number:
      out.raw(value.text);
      return;
    case Json::Kind::string:
      out.value(value.text);
      return;
    case Json::Kind::array:
      out.array();
      for (const JsonbValue& element : value.elements) write(out, element);
      out.close();
      return;
    case Json::Kind::object:
      out.object();
      for (const auto& [name, member] : value.members) write(out.member(name), member);
      out.close();
      return;
    case Json::Kind::missing:
    case Json::Kind::null:
      break;
  }
  out.null();
}

template <class Query>
Task<std::optional<std::vector<Uuid>>> ask(Unit unit, const Filter& checked, Deadline deadline) {
  auto document = contained_metadata(checked);
  if (!document) co_return std::nullopt;
  const auto rows = co_await unit.session->run(
      Query{.tenant_id = unit.tenant_id, .document = *std::move(document), .most = k_most_ids},
      deadline);
  if (std::ssize(rows) >= k_most_ids) co_return std::nullopt;
  std::vector<Uuid> ids;
  ids.reserve(rows.size());
  for (const auto& row : rows) ids.push_back(row.id);
  co_return ids;
}

}  // namespace

std::optional<JsonText> contained_metadata(const Filter& checked) {
  JsonbValue document{.kind = Json::Kind::object};
  collect(checked, document);
  if (!has_scalar(document)) return std::nullopt;
  JsonWriter out;
  write(out, document);
  return JsonText{std::move(out).text()};
}

template <class Record>
Task<std::optional<std::vector<Uuid>>> probe_metadata(Unit /*unit*/, Filter /*checked*/,
                                                      Deadline /*deadline*/) {
  co_return std::nullopt;
}
template <>
Task<std::optional<std::vector<Uuid>>> probe_metadata<Conversation>(Unit unit, Filter checked,
                                                                    Deadline deadline) {
  co_return co_await ask<queries::FindConversationsWith>(std::move(unit), checked, deadline);
}
template <>
Task<std::optional<std::vector<Uuid>>> probe_metadata<Message>(Unit unit, Filter checked,
                                                               Deadline deadline) {
  co_return co_await ask<queries::FindMessagesWith>(std::move(unit), checked, deadline);
}
template <>
Task<std::optional<std::vector<Uuid>>> probe_metadata<Memory>(Unit unit, Filter checked,
                                                              Deadline deadline) {
  co_return co_await ask<queries::FindMemoriesWith>(std::move(unit), checked, deadline);
}

template Task<std::optional<std::vector<Uuid>>> probe_metadata<Embedding>(Unit, Filter, Deadline);
template Task<std::optional<std::vector<Uuid>>> probe_metadata<Tool>(Unit, Filter, Deadline);
template Task<std::optional<std::vector<Uuid>>> probe_metadata<ToolExecution>(Unit, Filter,
                                                                              Deadline);

}  // namespace loci::storage
