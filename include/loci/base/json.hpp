#pragma once
#include <loci/base/json_text.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace loci {

/// `json` with every escape jsonb refuses (`\u0000`, lone surrogates) written as `\ufffd`; the rest
/// as it is. `json` must be valid JSON.
[[nodiscard]] std::string to_storable_json(std::string_view json);

class JsonDocument;
namespace detail {
struct JsonTree;
}

/// One value inside a JsonDocument: a view, cheap to copy, valid while the document lives.
///
/// Asking a value for something it is not gives nothing, never an error: a missing member is a
/// value whose exists() is false, and its members are missing too. So hostile input is read without
/// checks at each step: `message["author"]["role"].string().value_or("user")`.
class Json {
public:
  enum class Kind : std::uint8_t { missing, null, boolean, number, string, array, object };

  Json() = default;  ///< A missing value.

  [[nodiscard]] Kind kind() const noexcept;
  [[nodiscard]] bool exists() const noexcept { return kind() != Kind::missing; }
  [[nodiscard]] bool is_null() const noexcept { return kind() <= Kind::null; }  ///< or missing
  [[nodiscard]] bool is_string() const noexcept { return kind() == Kind::string; }
  [[nodiscard]] bool is_number() const noexcept { return kind() == Kind::number; }
  [[nodiscard]] bool is_array() const noexcept { return kind() == Kind::array; }
  [[nodiscard]] bool is_object() const noexcept { return kind() == Kind::object; }

  /// Exactly the bytes of the value in the source, without surrounding white space. Empty if
  /// missing.
  [[nodiscard]] std::string_view raw() const noexcept;

  /// The decoded string, made storable (see base/text.hpp: NUL and lone surrogates become U+FFFD).
  [[nodiscard]] std::optional<std::string> string() const;
  [[nodiscard]] std::string string_or(std::string_view fallback) const;
  [[nodiscard]] std::optional<std::int64_t> integer() const;  ///< Whole numbers in range only.
  [[nodiscard]] std::optional<double> number() const;
  [[nodiscard]] std::optional<bool> boolean() const;

  /// The last member of that name; missing when this is no object or has none.
  [[nodiscard]] Json operator[](std::string_view key) const;

  [[nodiscard]] std::size_t size() const noexcept;  ///< Elements or members; 0 for anything else.
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  /// Iterates an array's elements or an object's members, in the order of the text.
  /// A member's name is `it.key()`, an element's is empty. Anything else is an empty range.
  class Iterator;
  [[nodiscard]] Iterator begin() const noexcept;
  [[nodiscard]] Iterator end() const noexcept;

  /// Name under which this value stands in its object, decoded and storable; empty elsewhere.
  [[nodiscard]] std::string key() const;

private:
  friend class JsonDocument;
  Json(const detail::JsonTree* tree, std::uint32_t node) : tree_(tree), node_(node) {}
  const detail::JsonTree* tree_ = nullptr;
  std::uint32_t node_ = 0;
};

/// A parsed JSON text that owns its bytes. Move only.
///
/// Errors: parse() throws Error{invalid_input} naming what is wrong (`unclosed string`, `depth over
/// 512`); the caller knows the file and the line and adds them. Bytes that are not UTF-8 are made
/// storable first (U+FFFD), so one bad byte does not lose a record.
class JsonDocument {
public:
  static constexpr std::size_t max_depth = 512;

  [[nodiscard]] static JsonDocument parse(std::string text);

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  /// The outermost value. Views point into this object's state and survive a move of the document.
  [[nodiscard]] Json root() const noexcept;

private:
  explicit JsonDocument(std::unique_ptr<detail::JsonTree> tree);
  std::unique_ptr<detail::JsonTree> tree_;
};

class Json::Iterator {
public:
  using value_type = Json;
  using difference_type = std::ptrdiff_t;

  Iterator() = default;
  [[nodiscard]] Json operator*() const noexcept { return Json(tree_, node_); }
  Iterator& operator++() noexcept;
  Iterator operator++(int) noexcept {
    Iterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const Iterator& other) const noexcept { return node_ == other.node_; }

private:
  friend class Json;
  Iterator(const detail::JsonTree* tree, std::uint32_t node) : tree_(tree), node_(node) {}
  const detail::JsonTree* tree_ = nullptr;
  std::uint32_t node_ = 0;
};

}  // namespace loci
