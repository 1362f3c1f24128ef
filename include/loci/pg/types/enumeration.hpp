#pragma once
#include <loci/pg/binary.hpp>

#include <optional>
#include <string_view>
#include <type_traits>

namespace loci::pg::type {

/// How the database calls one value of a C++ enum. The text must live for ever.
template <class E>
struct EnumLabel {
  E value;
  std::string_view text;
};

namespace detail {
[[noreturn]] void unlabelled_value();
[[noreturn]] void unknown_label();
}  // namespace detail

/// An enum type of the database, as a C++ enum by a table of labels:
///
/// ```
/// enum class Mood { good, bad };
/// inline constexpr std::array mood_labels{pg::type::EnumLabel{Mood::good, "good"},
///                                         pg::type::EnumLabel{Mood::bad, "bad"}};
/// using MoodType = pg::type::Enum<mood_labels>;
/// ```
///
/// encode() throws Error{invalid_argument} for a value that is not in the table; decode() throws
/// Error{protocol} for a label that is not, as when the database has learnt one since.
template <const auto& labels>
struct Enum {
  using Value = std::remove_cvref_t<decltype(labels[0].value)>;
  static void encode(Encoder& out, Value value) {
    for (const auto& label : labels) {
      if (label.value == value) return out.raw(label.text);
    }
    detail::unlabelled_value();
  }
  static Value decode(std::string_view bytes) {
    if (const std::optional<Value> value = value_of(bytes)) return *value;
    detail::unknown_label();
  }
  /// The label; empty for a value that is not in the table.
  [[nodiscard]] static constexpr std::string_view text_of(Value value) noexcept {
    for (const auto& label : labels) {
      if (label.value == value) return label.text;
    }
    return {};
  }
  [[nodiscard]] static constexpr std::optional<Value> value_of(std::string_view text) noexcept {
    for (const auto& label : labels) {
      if (label.text == text) return label.value;
    }
    return std::nullopt;
  }
};

/// An enum as an element of a `text[]`: how arrays of it are sent, since the server wants the OID
/// of the element's type and an enum's is another in every database. `$1::text[]::mood[]` takes an
/// `Array<LabelText<MoodType>>`.
template <class EnumType>
struct LabelText : EnumType {
  static constexpr TypeId id{25};
};

}  // namespace loci::pg::type
