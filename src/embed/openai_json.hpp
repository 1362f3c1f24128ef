#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loci::embed {

/// The body of `POST /v1/embeddings`. `dimensions` 0 is not sent. Texts may be any bytes.
[[nodiscard]] std::string embeddings_request(std::string_view model, std::size_t dimensions,
                                             std::span<const std::string_view> texts);

/// The vectors of an answer to `count` texts, in the order of the texts, each of unit length.
/// `dimensions` 0 takes whatever the first one has.
/// Errors: remote, naming what is wrong with the answer.
[[nodiscard]] std::vector<std::vector<float>> embeddings_answer(std::string body, std::size_t count,
                                                                std::size_t dimensions);

/// The `error.message` (or `error`, or `message`) of a body; empty when there is none.
[[nodiscard]] std::string error_message(std::string body);

}  // namespace loci::embed
