#pragma once
#include <loci/embed/embedder.hpp>
#include <loci/embed/pacing.hpp>
#include <loci/embed/secret.hpp>

#include <chrono>
#include <memory>

namespace loci::embed {

/// How to reach an OpenAI-compatible endpoint.
struct OpenAiOptions {
  std::string base_url = "https://api.openai.com/v1";  ///< What stands before `/embeddings`.
  std::string model = "text-embedding-3-small";
  std::size_t dimensions = 0;    ///< Of the vectors; 0 = whatever the endpoint gives.
  bool send_dimensions = false;  ///< Ask for `dimensions`; for models that can shorten vectors.
  std::size_t batch_size = 128;  ///< Texts a request; 1 to 2048.

  std::chrono::milliseconds timeout{30'000};         ///< Of one attempt.
  std::chrono::milliseconds total_timeout{180'000};  ///< Of one request with its retries and waits.
  int max_retries = 5;                               ///< After 429, 5xx and connection failures.
  std::chrono::milliseconds backoff_base{500};       ///< See embed() below.
  std::chrono::milliseconds backoff_cap{30'000};
  std::size_t max_response_bytes = 64U << 20U;

  /// The key: this one, else the first line of the file, else the environment variable of this
  /// name, else none is sent. A file or a variable that is named must be there.
  Secret api_key;
  std::string api_key_file;
  std::string api_key_variable;
};

/// Embeds through any endpoint that speaks OpenAI's `POST /v1/embeddings`.
///
/// embed() sends one request for each batch_size texts that are not blank. 429, 5xx and connection
/// failures are tried again after min(backoff_cap, backoff_base * 2^n) at full jitter, or after
/// what Retry-After asks for, until max_retries or total_timeout is used up. Nothing else is tried
/// again. Answers are checked (count, order, dimensions, finite numbers) and brought to unit
/// length.
///
/// Errors of embed() and dimensions(): configuration (the endpoint answers 401 or 403), timeout
/// (the endpoint stays too slow), remote (all else; the text holds the endpoint's own message, cut
/// to 200 bytes, never the key nor what was sent).
///
/// Thread safety: every member may be called from any thread.
/// Lifetime: `pacing` outlives this object.
class OpenAiEmbedder final : public Embedder {
public:
  /// Errors: configuration (URL, key file, a number out of range). Sends nothing.
  explicit OpenAiEmbedder(OpenAiOptions options, Pacing& pacing = real_pacing());
  ~OpenAiEmbedder() override;

  /// `openai:MODEL`, and `@DIMENSIONS` where they are sent: a shortened vector is another space.
  [[nodiscard]] std::string name() const override;

  /// Asks the endpoint, once, when neither the options nor an earlier answer tell.
  [[nodiscard]] std::size_t dimensions() const override;
  [[nodiscard]] std::size_t batch_size() const override;
  [[nodiscard]] std::vector<std::vector<float>> embed(std::span<const std::string> texts) override;

private:
  class Endpoint;
  std::unique_ptr<Endpoint> endpoint_;
};

}  // namespace loci::embed
