#pragma once
#include <loci/base/text.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <type_traits>

#include "config/byte_size.hpp"
#include "config/duration.hpp"
#include "config/setting.hpp"

/// The kinds of setting: how each reads, checks and shows its value. A kind is given the option
/// that it sets as a type, `Option<&Settings::vector, &vector::VectorOptions::index_lists>`.
namespace loci::config {

/// The member of Settings that a path of members leads to.
template <auto... Path>
struct Option {
  static auto& of(auto& settings) { return (settings.*....*Path); }
};

namespace detail {

template <class T>
struct Inner {
  using type = T;
  static constexpr bool optional = false;
};
template <class T>
struct Inner<std::optional<T>> {
  using type = T;
  static constexpr bool optional = true;
};
template <class Place>
using Held = Inner<std::remove_cvref_t<decltype(Place::of(std::declval<Settings&>()))>>;
template <class Place>
using Value = typename Held<Place>::type;

/// Shows the option by `format`; one that is unset is left to Loci.
template <class Place, auto Format>
std::optional<std::string> shown_as(const Settings& settings) {
  const auto& value = Place::of(settings);
  if constexpr (Held<Place>::optional) {
    if (!value) return std::nullopt;
    return Format(*value);
  } else {
    return Format(value);
  }
}

inline bool in_range(const Setting& setting, std::int64_t number) {
  return number >= setting.least && number <= setting.most;
}

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
  Number value{};
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc() || end != last) return std::nullopt;
  return value;
}

inline constexpr auto as_is = [](const auto& text) { return std::string(text); };
inline constexpr auto number_text = [](auto number) { return std::to_string(number); };
inline constexpr auto flag_text = [](bool yes) { return std::string(yes ? "true" : "false"); };
inline constexpr auto size_text = [](std::uint64_t bytes) { return format_byte_size(bytes); };
inline constexpr auto duration_text = [](auto duration) {
  return format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(duration));
};
inline constexpr auto real_text = [](double number) {
  std::string text(32, '\0');
  text.resize(static_cast<std::size_t>(
      std::to_chars(text.data(), text.data() + text.size(), number).ptr - text.data()));
  return text;
};

}  // namespace detail

template <class Place>
constexpr Setting number(std::string_view key, const char* variable, std::int64_t least,
                         std::int64_t most) {
  return {.key = key,
          .variable = variable,
          .least = least,
          .most = most,
          .set =
              [](const Setting& setting, Settings& to, Setting::Values values) {
                const auto parsed = detail::parse_number<std::int64_t>(values[0]);
                if (!parsed || !detail::in_range(setting, *parsed)) return false;
                Place::of(to) = static_cast<detail::Value<Place>>(*parsed);
                return true;
              },
          .takes =
              [](const Setting& setting) {
                return "a whole number from " + std::to_string(setting.least) + " to " +
                       std::to_string(setting.most);
              },
          .get = detail::shown_as<Place, detail::number_text>};
}

/// With a fraction; the ends of its range are whole.
template <class Place>
constexpr Setting real(std::string_view key, const char* variable, std::int64_t least,
                       std::int64_t most) {
  return {.key = key,
          .variable = variable,
          .least = least,
          .most = most,
          .set =
              [](const Setting& setting, Settings& to, Setting::Values values) {
                const auto parsed = detail::parse_number<double>(values[0]);
                const bool fits = parsed && *parsed >= static_cast<double>(setting.least) &&
                                  *parsed <= static_cast<double>(setting.most);
                if (fits) Place::of(to) = *parsed;
                return fits;
              },
          .takes =
              [](const Setting& setting) {
                return "a number from " + std::to_string(setting.least) + " to " +
                       std::to_string(setting.most);
              },
          .get = detail::shown_as<Place, detail::real_text>};
}

/// Rounded up to what the option can hold.
template <class Place>
constexpr Setting duration(std::string_view key, const char* variable,
                           std::chrono::milliseconds least, std::chrono::milliseconds most) {
  return {.key = key,
          .variable = variable,
          .least = least.count(),
          .most = most.count(),
          .set =
              [](const Setting& setting, Settings& to, Setting::Values values) {
                const auto parsed = parse_duration(values[0]);
                if (!parsed || !detail::in_range(setting, parsed->count())) return false;
                Place::of(to) = std::chrono::ceil<detail::Value<Place>>(*parsed);
                return true;
              },
          .takes =
              [](const Setting& setting) {
                const auto text = [](std::int64_t count) {
                  return format_duration(std::chrono::milliseconds(count));
                };
                return "a duration from " + text(setting.least) + " to " + text(setting.most) +
                       ": a whole number and ms, s, m, h or d, such as 30s";
              },
          .get = detail::shown_as<Place, detail::duration_text>};
}

template <class Place>
constexpr Setting byte_size(std::string_view key, const char* variable, std::int64_t least,
                            std::int64_t most) {
  return {.key = key,
          .variable = variable,
          .least = least,
          .most = most,
          .set =
              [](const Setting& setting, Settings& to, Setting::Values values) {
                const auto parsed = parse_byte_size(values[0]);
                if (!parsed || !detail::in_range(setting, static_cast<std::int64_t>(*parsed))) {
                  return false;
                }
                Place::of(to) = *parsed;
                return true;
              },
          .takes =
              [](const Setting& setting) {
                return "a size from " +
                       format_byte_size(static_cast<std::uint64_t>(setting.least)) + " to " +
                       format_byte_size(static_cast<std::uint64_t>(setting.most)) +
                       ": a whole number and B, kB, MB, GB or TB, such as 64MB";
              },
          .get = detail::shown_as<Place, detail::size_text>};
}

template <class Place>
constexpr Setting flag(std::string_view key, const char* variable = nullptr) {
  return {.key = key,
          .variable = variable,
          .set =
              [](const Setting&, Settings& to, Setting::Values values) {
                const std::string& text = values[0];
                const bool yes = text == "true" || text == "yes" || text == "on" || text == "1";
                const bool no = text == "false" || text == "no" || text == "off" || text == "0";
                if (yes || no) Place::of(to) = yes;
                return yes || no;
              },
          .takes = [](const Setting&) { return std::string("true or false"); },
          .get = detail::shown_as<Place, detail::flag_text>};
}

/// Text that PostgreSQL could store: UTF-8 without NUL.
template <class Place>
constexpr Setting text(std::string_view key, const char* variable = nullptr) {
  return {.key = key,
          .variable = variable,
          .set =
              [](const Setting&, Settings& to, Setting::Values values) {
                if (!is_storable(values[0])) return false;
                Place::of(to) = values[0];
                return true;
              },
          .takes = [](const Setting&) { return std::string("text in UTF-8"); },
          .get = detail::shown_as<Place, detail::as_is>};
}

/// One of a few words, each with the value that it stands for:
/// `constexpr std::array<std::pair<std::string_view, Value>, 2> Words`.
template <class Place, const auto& Words>
constexpr Setting choice(std::string_view key, const char* variable = nullptr) {
  return {.key = key,
          .variable = variable,
          .set =
              [](const Setting&, Settings& to, Setting::Values values) {
                const auto word = std::ranges::find(Words, values[0], [](const auto& each) {
                  return std::string_view(each.first);
                });
                if (word == Words.end()) return false;
                Place::of(to) = word->second;
                return true;
              },
          .takes =
              [](const Setting&) {
                std::string all;
                for (std::size_t i = 0; i < Words.size(); ++i) {
                  if (i > 0) all += i + 1 == Words.size() ? " or " : ", ";
                  all += Words[i].first;
                }
                return all;
              },
          .get = [](const Settings& settings) -> std::optional<std::string> {
            const auto word = std::ranges::find(Words, Place::of(settings), [](const auto& each) {
              return detail::Value<Place>(each.second);
            });
            if (word == Words.end()) return std::nullopt;
            return std::string(word->first);
          }};
}

/// A list in the file; elsewhere its items stand between commas.
template <class Place>
constexpr Setting texts(std::string_view key) {
  return {.key = key,
          .set =
              [](const Setting&, Settings& to, Setting::Values values) {
                if (!std::ranges::all_of(values, is_storable)) return false;
                Place::of(to).assign(values.begin(), values.end());
                return true;
              },
          .takes = [](const Setting&) { return std::string("a list of texts in UTF-8"); },
          .get = [](const Settings& settings) -> std::optional<std::string> {
            std::string all;
            for (const std::string& item : Place::of(settings)) {
              all += (all.empty() ? "" : ",") + item;
            }
            return all;
          },
          .list = true};
}

/// The same, and nothing uses it yet.
constexpr Setting not_yet(Setting setting) {
  setting.acts = false;
  return setting;
}

}  // namespace loci::config
