#pragma once
#include <loci/base/uuid.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loci::storage::mock {

/// Where a row stands: its table, then the parts of its key, as bytes that sort as the parts do.
using Key = std::string;

enum class Table : char {
  conversations,
  conversation_sources,  ///< unique (source, source_id)
  messages,
  message_seqs,  ///< unique (conversation_id, seq)
  tool_executions,
  memories,
  live_memories,  ///< unique (scope, kind, content), of those that live
  memory_versions,
  memory_sources,
  tools,
  tool_names,  ///< unique (name, tool_version)
  embeddings,
  embedding_models,
  embedding_model_names,
};

/// Text holds no NUL, which ends it here.
inline void append_part(Key& key, std::string_view part) {
  key.append(part).push_back('\0');
}
inline void append_part(Key& key, const std::string& part) {
  append_part(key, std::string_view(part));
}
inline void append_part(Key& key, const Uuid& part) {
  key.append(reinterpret_cast<const char*>(part.bytes().data()), part.bytes().size());
}
inline void append_part(Key& key, std::int64_t part) {
  const std::uint64_t ordered = static_cast<std::uint64_t>(part) ^ (std::uint64_t{1} << 63);
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(ordered >> shift));
}
template <class T>
void append_part(Key& key, const std::optional<T>& part) {
  key.push_back(part ? '\1' : '\0');
  if (part) append_part(key, *part);
}

/// Of a whole key, a row; of its first parts, the beginning of all their rows' keys.
template <class... Parts>
[[nodiscard]] Key key_of(Table table, const Parts&... parts) {
  Key key(1, static_cast<char>(table));
  (append_part(key, parts), ...);
  return key;
}

}  // namespace loci::storage::mock
