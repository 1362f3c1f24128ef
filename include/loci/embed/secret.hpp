#pragma once
#include <string>
#include <utility>

namespace loci::embed {

/// A string that has no way to be printed, compared or logged by accident.
class Secret {
public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  /// The text itself, for the one place that sends it.
  [[nodiscard]] const std::string& reveal() const noexcept { return text_; }

private:
  std::string text_;
};

}  // namespace loci::embed
