#include <loci/base/error.hpp>
#include <loci/embed/make_embedder.hpp>

namespace loci::embed {

std::unique_ptr<Embedder> make_embedder(const EmbedderOptions& options) {
  if (options.kind == "hashing") return std::make_unique<HashingEmbedder>(options.hashing);
  if (options.kind == "openai") return std::make_unique<OpenAiEmbedder>(options.openai);
  throw Error(ErrorKind::configuration,
              "unknown embedder `" + options.kind + "`; known are hashing and openai");
}

}  // namespace loci::embed
