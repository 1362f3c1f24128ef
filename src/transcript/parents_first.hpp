#pragma once
#include <loci/base/uuid.hpp>
#include <loci/transcript/drafts.hpp>

#include "transcript/format_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace loci::transcript {

/// Puts the messages of one conversation into the order a Sink wants: parents first.
///
/// A message whose parent was handed over goes to the sink at once, and only its id is kept; one
/// that comes before its parent is held back. What is held for a parent that never comes (or is its
/// own descendant) is handed over without one at the end, or earlier when it grows over
/// `most_held` bytes; the parent it named is then kept in its metadata, and a note says so.
/// The work is linear in the number of messages.
class ParentsFirst {
public:
  static constexpr std::size_t default_most_held = std::size_t{32} << 20;

  /// `lost_parent` names the member of the metadata that keeps a parent other than the one given.
  ParentsFirst(Sink& sink, std::string lost_parent, std::size_t most_held = default_most_held);

  /// Takes the message that the file calls `id`, below the one it calls `parent`. False when there
  /// was one of that id already: nothing is done then. `id` must not be part of `message`.
  bool add(const std::string& id, const std::optional<std::string>& parent, MessageDraft message,
           const Place& place);

  /// A record of the file that is no message: those that name it as parent get `parent` instead.
  void pass_through(const std::string& id, const std::optional<std::string>& parent);

  /// True when a message of that id was added.
  [[nodiscard]] bool contains(std::string_view id) const { return messages_.contains(key(id)); }

  /// Hands over what is held back, and forgets everything: ready for the next conversation.
  void finish();

private:
  struct Held {
    std::string id;
    std::string waits_for;  // the message or record that is not there yet
    std::optional<std::string> named_parent;
    MessageDraft message;
    Place place;
  };
  struct Known {
    bool held = false;
    std::uint32_t source_id = 0;  // index in texts_; 0: the same as the id
  };
  struct Ancestor {
    enum class State : std::uint8_t { none, handed_over, missing } state = State::none;
    std::string id;
  };

  // Ids are kept as hashes: a long session has a million of them.
  static Uuid key(std::string_view id) { return Uuid::derived({}, id); }

  Ancestor ancestor(const std::optional<std::string>& id) const;
  void hold(Held held);
  void hand_over(Held held, const std::optional<std::string>& parent);
  void hand_over_below(const std::string& id);
  void settle(std::uint64_t number);
  void give_up_on_oldest();
  std::uint32_t keep_text(const std::string& text);
  Held take_held(std::uint64_t number);

  Sink& sink_;
  std::string lost_parent_;
  std::size_t most_held_;
  std::unordered_map<Uuid, Known> messages_;
  std::unordered_map<Uuid, std::uint32_t> passages_;  // index in texts_; 0: no parent
  std::vector<std::string> texts_{std::string()};
  std::map<std::uint64_t, Held> held_;                            // oldest first
  std::unordered_map<Uuid, std::vector<std::uint64_t>> waiting_;  // for the key, in held_
  std::unordered_map<Uuid, std::uint64_t> number_of_;             // of a held message
  std::vector<std::string> handed_over_;  // whose waiting children are still to be looked at
  std::size_t held_bytes_ = 0;
  std::uint64_t next_number_ = 0;
};

}  // namespace loci::transcript
