#pragma once
#include <loci/base/json.hpp>
#include <loci/base/json_writer.hpp>
#include <loci/base/time.hpp>
#include <loci/transcript/drafts.hpp>

#include "transcript/format_reader.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// What every reader needs to fill a draft from raw slices of its record.
namespace loci::transcript {

/// An object with the members of `object` but those named, each value verbatim, in their order.
/// `{}` when nothing is left or `object` is none.
[[nodiscard]] JsonText object_without(const Json& object,
                                      std::span<const std::string_view> left_out);
[[nodiscard]] inline JsonText object_without(const Json& object,
                                             std::initializer_list<std::string_view> left_out) {
  return object_without(object, std::span(left_out.begin(), left_out.size()));
}

/// Collects the blocks of a message into the JSON array that MessageDraft::parts holds.
class PartsBuilder {
public:
  void add(const Json& block) { add_raw(block.raw()); }
  void add_raw(std::string_view json);  ///< One JSON value, copied as it is; nothing when empty.
  void add_member(const Json& holder,
                  std::string_view name);  ///< `{"name": ...}`, when it is there.

  [[nodiscard]] bool empty() const noexcept { return blocks_.empty(); }

  /// The array, or an empty text when nothing was added. Leaves the builder empty.
  [[nodiscard]] JsonText take();

private:
  std::string blocks_;
};

/// Adds a block of text to what a person reads, a blank line between two; an empty block adds
/// nothing.
void append_text(std::string& content, std::string_view block);

/// A moment written as RFC 3339 text, or as a number of seconds (milliseconds from 10^11 on) since
/// 1970. Nothing when it is neither, or outside the years 1 to 9999.
[[nodiscard]] std::optional<Timestamp> time_of(const Json& value);

/// 32 hexadecimal digits that depend on `text` alone: the id of something whose source has none.
[[nodiscard]] std::string derived_id(std::string_view text);

/// True when every string in `value` is one that string() decodes unchanged: without NUL and lone
/// surrogates.
[[nodiscard]] bool texts_decode_exactly(const Json& value);

/// The same of a value that is a string. When false, `parts` must keep the original.
[[nodiscard]] bool decodes_exactly(const Json& value);

/// The arguments of a tool call as JSON: an object or another value verbatim; text that holds JSON
/// as that JSON; other text as the JSON string it is; `{}` when missing or empty.
[[nodiscard]] JsonText tool_arguments(const Json& arguments);

/// The first of the named members that is there and not null; missing when none is.
[[nodiscard]] Json first_of(const Json& object, std::initializer_list<std::string_view> names);

/// True when `text` is empty or white space.
[[nodiscard]] bool is_blank(std::string_view text) noexcept;

/// The memory that a draft takes, nearly.
[[nodiscard]] std::size_t held_size(const MessageDraft& message) noexcept;

/// The role of that name; a name Loci does not know is taken as the system's, and told as a note.
[[nodiscard]] Role role_or_system(std::string_view name, Sink& sink, const Place& place);

/// Says that a message's text holds U+FFFD where its parts have something that no column takes.
void note_changed_text(Sink& sink, const Place& place);

/// Tells the sink what was left out, and where: as a note when nothing was lost, else as a fault.
void skip_note(Sink& sink, const Place& place, std::string reason);
void skip_fault(Sink& sink, const Place& place, std::string reason);

}  // namespace loci::transcript
