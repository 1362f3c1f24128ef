#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loci::embed {

/// Makes vectors of texts.
///
/// Thread safety: embed() may be called from several threads at once. It blocks; callers on an
/// event loop run it on a thread of their own.
class Embedder {
public:
  virtual ~Embedder() = default;

  /// Names the space the vectors live in; vectors of two names are never compared. Stable.
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual std::size_t dimensions() const = 0;
  /// The most texts one embed() call should be given.
  [[nodiscard]] virtual std::size_t batch_size() const = 0;

  /// True when a vector tells which words a text has and not what it means: a search then leaves
  /// the ranking to the words themselves, and asks the vectors for what the words missed.
  [[nodiscard]] virtual bool lexical() const { return false; }

  /// One vector a text, in order, each of dimensions() finite values and unit length (L2), except
  /// that a text with nothing to embed (blank) gives all zeros: the caller stores no vector for it.
  /// Errors: remote (endpoint failed after its retries, or answered nonsense), timeout,
  /// configuration (key refused).
  [[nodiscard]] virtual std::vector<std::vector<float>> embed(
      std::span<const std::string> texts) = 0;
};

}  // namespace loci::embed
