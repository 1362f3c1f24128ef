#include "storage/record_fields.hpp"

#include <loci/base/error.hpp>
#include <loci/base/text.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <type_traits>
#include <vector>

#include "base/nearest.hpp"

namespace loci::storage {

namespace {

template <class T>
std::optional<FilterValue> to_value(const T& value) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    return FilterValue(static_cast<std::int64_t>(value));
  } else {
    return FilterValue(value);
  }
}
template <class T>
std::optional<FilterValue> to_value(const std::optional<T>& value) {
  if (!value) return std::nullopt;
  return to_value(*value);
}

template <class T>
inline constexpr bool k_optional = false;
template <class T>
inline constexpr bool k_optional<std::optional<T>> = true;

template <class T>
constexpr FieldKind kind_of() {
  if constexpr (k_optional<T>) {
    return kind_of<typename T::value_type>();
  } else if constexpr (std::is_same_v<T, bool>) {
    return FieldKind::boolean;
  } else if constexpr (std::is_integral_v<T>) {
    return FieldKind::integer;
  } else if constexpr (std::is_floating_point_v<T>) {
    return FieldKind::real;
  } else if constexpr (std::is_same_v<T, Uuid>) {
    return FieldKind::uuid;
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    return FieldKind::time;
  } else if constexpr (std::is_same_v<T, JsonText>) {
    return FieldKind::metadata;
  } else {
    static_assert(std::is_same_v<T, std::string>);
    return FieldKind::text;
  }
}

// A field that stands in the record as it is.
template <auto Member, class Record, class T>
constexpr RecordField<Record> entry(std::string_view name, T Record::* /*member*/) {
  return {{.name = name, .kind = kind_of<T>(), .nullable = k_optional<T>},
          [](const Record& r) { return to_value(r.*Member); }};
}
template <auto Member>
constexpr auto entry(std::string_view name) {
  return entry<Member>(name, Member);
}
template <auto Member>
constexpr auto long_entry(std::string_view name) {
  auto made = entry<Member>(name, Member);
  made.is_long = true;
  return made;
}

template <auto Member, class T>
constexpr RecordField<Memory> scope_entry(std::string_view name, T MemoryScope::* /*member*/) {
  return {{.name = name, .kind = kind_of<T>(), .nullable = k_optional<T>},
          [](const Memory& r) { return to_value(r.scope.*Member); }};
}
template <auto Member>
constexpr auto scope_entry(std::string_view name) {
  return scope_entry<Member>(name, Member);
}

constexpr std::array k_conversation{
    entry<&Conversation::id>("id"),
    entry<&Conversation::user_id>("user_id"),
    entry<&Conversation::title>("title"),
    entry<&Conversation::status>("status"),
    entry<&Conversation::source>("source"),
    entry<&Conversation::source_id>("source_id"),
    entry<&Conversation::created_at>("created_at"),
    entry<&Conversation::updated_at>("updated_at"),
    entry<&Conversation::metadata>("metadata"),
};
constexpr std::array k_message{
    entry<&Message::id>("id"),
    entry<&Message::conversation_id>("conversation_id"),
    entry<&Message::seq>("seq"),
    entry<&Message::parent_id>("parent_id"),
    entry<&Message::role>("role"),
    long_entry<&Message::content>("content"),
    entry<&Message::model>("model"),
    entry<&Message::source_id>("source_id"),
    entry<&Message::created_at>("created_at"),
    entry<&Message::metadata>("metadata"),
};
constexpr std::array k_embedding{
    entry<&Embedding::model_id>("model_id"),     entry<&Embedding::content_type>("content_type"),
    entry<&Embedding::content_id>("content_id"), entry<&Embedding::chunk>("chunk"),
    entry<&Embedding::created_at>("created_at"), entry<&Embedding::metadata>("metadata"),
};
constexpr std::array k_memory{
    entry<&Memory::id>("id"),
    scope_entry<&MemoryScope::user_id>("user_id"),
    scope_entry<&MemoryScope::agent_id>("agent_id"),
    scope_entry<&MemoryScope::conversation_id>("conversation_id"),
    scope_entry<&MemoryScope::name_space>("namespace"),
    entry<&Memory::kind>("kind"),
    long_entry<&Memory::content>("content"),
    entry<&Memory::importance>("importance"),
    entry<&Memory::pinned>("pinned"),
    entry<&Memory::valid_from>("valid_from"),
    entry<&Memory::valid_to>("valid_to"),
    entry<&Memory::expires_at>("expires_at"),
    entry<&Memory::superseded_by>("superseded_by"),
    entry<&Memory::access_count>("access_count"),
    entry<&Memory::created_at>("created_at"),
    entry<&Memory::updated_at>("updated_at"),
    entry<&Memory::metadata>("metadata"),
};
constexpr std::array k_tool{
    entry<&Tool::id>("id"),
    entry<&Tool::name>("name"),
    entry<&Tool::tool_version>("tool_version"),
    entry<&Tool::status>("status"),
    entry<&Tool::created_at>("created_at"),
    entry<&Tool::updated_at>("updated_at"),
    entry<&Tool::metadata>("metadata"),
};
constexpr std::array k_execution{
    entry<&ToolExecution::message_id>("message_id"),
    entry<&ToolExecution::tool_call_id>("tool_call_id"),
    entry<&ToolExecution::conversation_id>("conversation_id"),
    entry<&ToolExecution::tool_name>("tool_name"),
    entry<&ToolExecution::status>("status"),
    entry<&ToolExecution::attempts>("attempts"),
    entry<&ToolExecution::started_at>("started_at"),
    entry<&ToolExecution::ended_at>("ended_at"),
};

using Names = std::span<const std::string_view>;
constexpr std::array<std::string_view, 1> k_id{"id"};
constexpr std::array<std::string_view, 4> k_embedding_key{"model_id", "content_type", "content_id",
                                                          "chunk"};
constexpr std::array<std::string_view, 2> k_execution_key{"message_id", "tool_call_id"};

}  // namespace

template <>
std::span<const RecordField<Conversation>> record_fields() {
  return k_conversation;
}
template <>
std::span<const RecordField<Message>> record_fields() {
  return k_message;
}
template <>
std::span<const RecordField<Embedding>> record_fields() {
  return k_embedding;
}
template <>
std::span<const RecordField<Memory>> record_fields() {
  return k_memory;
}
template <>
std::span<const RecordField<Tool>> record_fields() {
  return k_tool;
}
template <>
std::span<const RecordField<ToolExecution>> record_fields() {
  return k_execution;
}

template <class Record>
Names key_fields() {
  return k_id;
}
template <>
Names key_fields<Embedding>() {
  return k_embedding_key;
}
template <>
Names key_fields<ToolExecution>() {
  return k_execution_key;
}

template <>
RecordOrder<Conversation> own_order() {
  return {"updated_at", true};
}
template <>
RecordOrder<Message> own_order() {
  return {"seq", false};
}
template <>
RecordOrder<Embedding> own_order() {
  return {"created_at", true};
}
template <>
RecordOrder<Memory> own_order() {
  return {"created_at", true};
}
template <>
RecordOrder<Tool> own_order() {
  return {"name", false};
}
template <>
RecordOrder<ToolExecution> own_order() {
  return {"message_id", true};
}

template <class Record>
std::string_view unique_within(std::string_view /*field*/) {
  return {};
}
template <>
std::string_view unique_within<Message>(std::string_view field) {
  return field == "seq" ? "conversation_id" : "";
}
template <>
std::string_view unique_within<Tool>(std::string_view field) {
  return field == "tool_version" ? "name" : "";
}

template <class Record>
const RecordField<Record>& find_field(std::string_view name) {
  const auto fields = record_fields<Record>();
  const auto found = std::ranges::find(fields, name, &DeclaredField::name);
  if (found != fields.end()) return *found;
  std::vector<std::string_view> names;
  for (const auto& each : fields) names.push_back(each.name);
  throw Error(ErrorKind::invalid_argument,
              "there is no field \"" + std::string(utf8_prefix(name, 64)) + "\"; the nearest is " +
                  std::string(nearest(name, names)));
}

template Names key_fields<Conversation>();
template Names key_fields<Message>();
template Names key_fields<Memory>();
template Names key_fields<Tool>();
template std::string_view unique_within<Conversation>(std::string_view);
template std::string_view unique_within<Embedding>(std::string_view);
template std::string_view unique_within<Memory>(std::string_view);
template std::string_view unique_within<ToolExecution>(std::string_view);
template const RecordField<Conversation>& find_field(std::string_view);
template const RecordField<Message>& find_field(std::string_view);
template const RecordField<Embedding>& find_field(std::string_view);
template const RecordField<Memory>& find_field(std::string_view);
template const RecordField<Tool>& find_field(std::string_view);
template const RecordField<ToolExecution>& find_field(std::string_view);

}  // namespace loci::storage
