#pragma once
#include <loci/base/json.hpp>

#include <string>
#include <string_view>

/// What the readers of session files share beyond draft_building.hpp.
namespace loci::transcript {

/// `object` with one more member, whose value is the JSON `value`.
[[nodiscard]] JsonText with_member(JsonText object, std::string_view name, std::string_view value);

/// A title made of what a person asked first: the first line that is not blank, cut after at most
/// 80 bytes. Empty when there is none.
[[nodiscard]] std::string title_from(std::string_view question);

/// The text of a block that is a string, an object with `text`, or an array of these; of an array
/// the texts are joined by blank lines.
[[nodiscard]] std::string text_in(const Json& value);

}  // namespace loci::transcript
