#pragma once
#include <loci/storage/records.hpp>

/// What patches and records have in common.
namespace loci::storage {

/// What replace() writes: all fields that a patch could, if the record is as it was read.
[[nodiscard]] ConversationPatch whole_patch(const Conversation& record);
[[nodiscard]] MessagePatch whole_patch(const Message& record);
[[nodiscard]] EmbeddingPatch whole_patch(const Embedding& record);
[[nodiscard]] MemoryPatch whole_patch(const Memory& record);
[[nodiscard]] ToolPatch whole_patch(const Tool& record);
[[nodiscard]] ToolExecutionPatch whole_patch(const ToolExecution& record);

/// Whether it names nothing to change.
[[nodiscard]] bool is_empty(const ConversationPatch& patch) noexcept;
[[nodiscard]] bool is_empty(const MessagePatch& patch) noexcept;
[[nodiscard]] bool is_empty(const EmbeddingPatch& patch) noexcept;
[[nodiscard]] bool is_empty(const MemoryPatch& patch) noexcept;
[[nodiscard]] bool is_empty(const ToolPatch& patch) noexcept;
[[nodiscard]] bool is_empty(const ToolExecutionPatch& patch) noexcept;

template <class Record>
[[nodiscard]] auto key_of(const Record& record) {
  if constexpr (requires { record.key(); }) {
    return record.key();
  } else {
    return record.id;
  }
}

/// Error{conflict} unless the record has the version asked for, if one was.
template <class Record>
void require_version(const Record& record, std::optional<std::int64_t> wanted) {
  if (!wanted || *wanted == record.version) return;
  throw Error(ErrorKind::conflict, "the record has version " + std::to_string(record.version) +
                                       ", not " + std::to_string(*wanted));
}

/// Whether register_tool() need not add a version.
[[nodiscard]] bool is_registered(const Tool& newest, const NewTool& as) noexcept;

}  // namespace loci::storage
