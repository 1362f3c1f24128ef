#pragma once
#include <loci/storage/repository.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loci::storage {

/// Whose a memory is, and where it counts.
struct MemoryScope {
  std::string user_id;                  ///< May be empty: every user's.
  std::optional<std::string> agent_id;  ///< One agent's alone.
  std::optional<Uuid> conversation_id;  ///< One conversation's alone; goes with it.
  std::string name_space;               ///< Any grouping of the application's own; may be empty.
  bool operator==(const MemoryScope&) const = default;
};

/// Something an assistant knows.
struct Memory {
  Uuid id;
  MemoryScope scope;
  std::string kind;  ///< "episodic", "semantic", "procedural" or "working".
  std::string content;
  double importance = 0.5;  ///< 0 to 1, as it was given; see decayed_importance().
  bool pinned = false;      ///< Does not decay, and never expires.
  JsonText metadata;
  Timestamp valid_from;               ///< When it began to be true.
  std::optional<Timestamp> valid_to;  ///< When it ceased to be true; supersede() sets it.
  std::optional<Timestamp> expires_at;
  std::optional<Uuid> superseded_by;
  std::int64_t access_count = 0;
  std::optional<Timestamp> last_accessed_at;
  Timestamp created_at;
  Timestamp updated_at;
  std::optional<Timestamp> deleted_at;
  std::int64_t version = 1;  ///< touch() leaves it.
};

struct NewMemory {
  std::optional<Uuid> id;  ///< Missing: a new v7.
  MemoryScope scope;
  std::string kind = "semantic";
  std::string content;  ///< Not empty.
  double importance = 0.5;
  bool pinned = false;
  JsonText metadata{"{}"};
  std::optional<Timestamp> valid_from;  ///< Missing: now.
  std::optional<Timestamp> valid_to;
  std::optional<Timestamp> expires_at;
  std::vector<Uuid> sources;  ///< Messages it came from; at most limits::keys.
  std::optional<Timestamp> created_at;
};

struct MemoryPatch {
  Change<std::string> kind = {};
  Change<std::string> content = {};
  Change<double> importance = {};
  Change<bool> pinned = {};
  Change<JsonText> metadata = {};
  Change<Timestamp> valid_from = {};
  Change<std::optional<Timestamp>> valid_to = {};
  Change<std::optional<Timestamp>> expires_at = {};
  std::optional<std::int64_t> if_version = {};
};

/// A memory as it was until a change.
struct MemoryVersion {
  std::int64_t version = 0;
  std::string kind;
  std::string content;
  double importance = 0;
  JsonText metadata;
  Timestamp valid_from;
  std::optional<Timestamp> valid_to;
  Timestamp replaced_at;
};

/// What a filter may ask of memories, beside metadata(). Own order: created_at, newest first.
struct MemoryFields {
  static constexpr Field<Uuid> id{"id"};
  static constexpr Field<std::string> user_id{"user_id"};
  static constexpr Field<std::string> agent_id{"agent_id"};
  static constexpr Field<Uuid> conversation_id{"conversation_id"};
  static constexpr Field<std::string> name_space{"namespace"};
  static constexpr Field<std::string> kind{"kind"};
  static constexpr Field<std::string> content{"content"};
  static constexpr Field<double> importance{"importance"};
  static constexpr Field<bool> pinned{"pinned"};
  static constexpr Field<Timestamp> valid_from{"valid_from"};
  static constexpr Field<Timestamp> valid_to{"valid_to"};
  static constexpr Field<Timestamp> expires_at{"expires_at"};
  static constexpr Field<Uuid> superseded_by{"superseded_by"};
  static constexpr Field<std::int64_t> access_count{"access_count"};
  static constexpr Field<Timestamp> created_at{"created_at"};
  static constexpr Field<Timestamp> updated_at{"updated_at"};
};

template <>
struct RecordTraits<Memory> {
  using Key = Uuid;
  using New = NewMemory;
  using Patch = MemoryPatch;
};

/// How much a memory still counts at `at`: importance * 2^(-age / half_life), where age runs from
/// when it was last touched, or else created; its importance when it is pinned, or half_life is 0
/// or less. (Exponential forgetting after Ebbinghaus, 1885, with each recall starting it anew.)
[[nodiscard]] double decayed_importance(const Memory& memory, Timestamp at,
                                        std::chrono::seconds half_life);

struct Upserted {
  Memory memory;
  bool created = false;  ///< False: it was there, and was refreshed.
};

/// erase() hides a memory; its rows stay until purge_deleted(). Expired ones are hidden from every
/// read from the moment they expire, pinned ones never; sweep() removes them. Two live memories of
/// one scope and kind never have the same content: create() then throws server 23505, and upsert()
/// is what one usually wants.
class MemoryRepository : public Repository<Memory> {
public:
  /// Stores it, or, when a live one of the same scope, kind and content is there, refreshes that
  /// one: the greater importance, the later expiry, pinned if either is, its metadata members
  /// added, its sources added. One that had ceased to be true (valid_to) is true again: valid_from
  /// and valid_to become those of `memory`. The database decides, so two who say the same at once
  /// make one.
  virtual Task<Upserted> upsert(NewMemory memory, Deadline = default_deadline()) = 0;
  /// `by` takes the place of the memory: the old one ends (valid_to) where the new one begins, if
  /// it had not ended before, and says so (superseded_by). In one transaction. nullopt: `old` is
  /// not there, or is superseded.
  virtual Task<std::optional<Memory>> supersede(Uuid old, NewMemory by,
                                                Deadline = default_deadline()) = 0;
  /// What it was before each change, oldest first.
  virtual Task<std::vector<MemoryVersion>> versions(Uuid id, Deadline = default_deadline()) = 0;
  /// The messages it came from.
  virtual Task<std::vector<Uuid>> sources(Uuid id, Deadline = default_deadline()) = 0;
  /// Counts an access of each, in one statement. Gives how many there were.
  virtual Task<std::int64_t> touch(std::vector<Uuid> ids, Deadline = default_deadline()) = 0;
  /// Removes what has expired by `at`, at most `limit`; gives their number, to be called until it
  /// is 0.
  virtual Task<std::int64_t> sweep(Timestamp at, std::int32_t limit = 1000,
                                   Deadline = default_deadline()) = 0;
  /// Removes what was erased before `erased_before`; as sweep().
  virtual Task<std::int64_t> purge_deleted(Timestamp erased_before, std::int32_t limit = 1000,
                                           Deadline = default_deadline()) = 0;
  /// Those that are valid now, the most important first after decay, ties by id, newest first.
  virtual Task<std::vector<Memory>> most_important(
      Filter filter, std::int32_t limit, std::chrono::seconds half_life = std::chrono::days(30),
      Deadline = default_deadline()) = 0;
};

}  // namespace loci::storage
