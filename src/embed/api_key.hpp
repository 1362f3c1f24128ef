#pragma once
#include <loci/embed/openai_embedder.hpp>

namespace loci::embed {

/// The key that the options lead to; empty when they name none. Warns of a file that others may
/// read. Errors: configuration, for a file or a variable that is not there, or a key with control
/// characters.
[[nodiscard]] Secret find_api_key(const OpenAiOptions& options);

}  // namespace loci::embed
