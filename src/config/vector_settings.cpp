// storage.vector: vectors, their indexes, and the search of them.
#include <array>

#include "config/sections.hpp"
#include "config/setting_kinds.hpp"

namespace loci::config {

namespace {

using vector::Similarity;
using vector::VectorOptions;

template <auto Member>
using Vectors = Option<&Settings::vector, Member>;

constexpr std::array<std::pair<std::string_view, Similarity>, 3> k_similarities{
    {{"cosine", Similarity::cosine},
     {"inner_product", Similarity::inner_product},
     {"l2", Similarity::l2}}};

// Of whichever embedder there is.
constexpr Setting dimensions() {
  using OfHashing = Option<&Settings::embedder, &embed::EmbedderOptions::hashing,
                           &embed::HashingOptions::dimensions>;
  Setting made =
      number<OfHashing>("storage.vector.dimensions", "LOCI_EMBEDDING_DIMENSIONS", 8, 16'000);
  made.set = [](const Setting& setting, Settings& to, Setting::Values values) {
    static constexpr Setting number_alone = number<OfHashing>({}, nullptr, 0, 0);
    if (!number_alone.set(setting, to, values)) return false;
    to.embedder.openai.dimensions = to.embedder.hashing.dimensions;
    to.embedder.openai.send_dimensions = true;
    return true;
  };
  made.get = [](const Settings& settings) -> std::optional<std::string> {
    if (!settings.embedder.openai.send_dimensions) return std::nullopt;
    return std::to_string(settings.embedder.openai.dimensions);
  };
  return made;
}

constexpr std::array k_settings{
    dimensions(),
    // The most lists that an IVFFlat index of pgvector has.
    number<Vectors<&VectorOptions::index_lists>>("storage.vector.index_lists", nullptr, 0, 32'768),
    not_yet(choice<Vectors<&VectorOptions::similarity_function>, k_similarities>(
        "storage.vector.similarity_function")),
    real<Vectors<&VectorOptions::search_threshold>>("storage.vector.search_threshold", nullptr, -1,
                                                    1),
};

}  // namespace

std::span<const Setting> vector_settings() noexcept {
  return k_settings;
}

}  // namespace loci::config
