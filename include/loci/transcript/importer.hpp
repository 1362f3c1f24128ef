#pragma once
#include <loci/pg/runtime.hpp>
#include <loci/storage/postgres_storage.hpp>
#include <loci/transcript/import.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace loci::transcript {

struct ImportProgress {
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total = 0;  ///< 0: not known (standard input).
  std::uint64_t messages = 0;
};

struct ImportOptions {
  ReadOptions read;
  std::string user_id = "me";  ///< Whose the conversations are, where the source does not say.
  std::size_t batch_bytes = std::size_t{4} << 20;  ///< A batch is written when it holds this much,
  std::size_t batch_messages = 4000;               ///< or this many messages.
  std::function<void(const ImportProgress&)> on_progress;  ///< Called on the importing thread.
  std::function<bool()> cancelled;  ///< Asked between messages; true ends the import cleanly.
};

/// Why records were passed over without loss: all that were for one reason.
struct PassedOver {
  static constexpr std::size_t few_files = 3;
  struct InFile {
    std::string file;
    std::string place;  ///< Of the first.
    std::uint64_t count = 0;
  };

  std::string reason;
  std::uint64_t count = 0;
  std::uint64_t files = 0;
  std::vector<InFile> first_files;  ///< At most `few_files`.
};

struct ImportSummary {
  static constexpr std::size_t most_skips = 1000;

  std::uint64_t conversations = 0;  ///< Read from the input.
  std::uint64_t messages = 0;
  std::uint64_t new_conversations = 0;  ///< Of them, added.
  std::uint64_t new_messages = 0;
  std::uint64_t erased_conversations = 0;  ///< Of them, deleted here before, and left so.
  std::uint64_t branches = 0;              ///< Messages that more than one message follows.
  std::uint64_t tool_calls = 0;
  std::uint64_t notes = 0;   ///< Records passed over without loss.
  std::uint64_t faults = 0;  ///< Broken records, and conversations that could not be stored.
  std::vector<Skip> skips;   ///< The first `most_skips` of each, in the order they came.
  std::vector<PassedOver> passed_over;  ///< All the notes, counted by reason.
  bool cancelled = false;
};

/// Reads histories and stores them. A conversation goes in whole or not at all; importing again
/// adds only what is new. Reading and writing overlap: one batch is written while the next is read.
///
/// Blocks; runs the database work on `runtime`. One run at a time.
/// Errors: io (a path does not exist), and those of the storage when it cannot be reached any more:
/// what was committed until then stays, and the next import goes on from there.
class Importer {
public:
  Importer(Runtime& runtime, storage::PostgresStorage& storage, ImportOptions options);
  [[nodiscard]] ImportSummary run(std::span<const std::filesystem::path> paths);

private:
  Runtime& runtime_;
  storage::PostgresStorage& storage_;
  ImportOptions options_;
};

}  // namespace loci::transcript
