#pragma once
#include <loci/embed/hashing_embedder.hpp>
#include <loci/embed/openai_embedder.hpp>

namespace loci::embed {

/// Which embedder, and the options of each kind; those of the others are not looked at.
struct EmbedderOptions {
  std::string kind = "hashing";  ///< `hashing` or `openai`.
  OpenAiOptions openai;
  HashingOptions hashing;
};

/// Errors: configuration, for an unknown kind or options that the embedder refuses.
[[nodiscard]] std::unique_ptr<Embedder> make_embedder(const EmbedderOptions& options);

}  // namespace loci::embed
