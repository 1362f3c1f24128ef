#pragma once
#include <loci/pg/runtime.hpp>
#include <loci/storage/postgres_storage.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace loci::transcript {

struct ExportOptions {
  std::optional<Uuid> conversation;    ///< Only this one.
  std::optional<std::string> user_id;  ///< Only those of this user.
};

struct ExportSummary {
  std::uint64_t conversations = 0;
  std::uint64_t messages = 0;
};

/// Writes conversations in Loci's own format (transcript/loci_jsonl.hpp), in order of id, messages
/// in order of seq. `write` gets whole lines. Deleted conversations are left out. Memory stays
/// flat. Blocks; a consistent snapshot of one moment.
[[nodiscard]] ExportSummary export_history(Runtime& runtime, storage::PostgresStorage& storage,
                                           const ExportOptions& options,
                                           const std::function<void(std::string_view)>& write);

}  // namespace loci::transcript
