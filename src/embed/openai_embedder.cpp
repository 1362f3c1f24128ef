#include <loci/base/error.hpp>
#include <loci/base/log.hpp>
#include <loci/embed/openai_embedder.hpp>

#include <atomic>

#include "embed/api_key.hpp"
#include "embed/blank.hpp"
#include "embed/http_client.hpp"
#include "embed/openai_json.hpp"
#include "embed/redact.hpp"
#include "embed/retry.hpp"

namespace loci::embed {
namespace {

using std::chrono::milliseconds;

Error configuration(const std::string& what) {
  return Error(ErrorKind::configuration, "openai embedder: " + what);
}

std::string embeddings_url(std::string base) {
  // Credentials and queries would show in every error text.
  if (!HttpClient::accepts(base)) {
    throw configuration("base_url must be an http or https URL without credentials or query");
  }
  while (base.ends_with('/')) base.pop_back();
  return base + "/embeddings";
}

void check(const OpenAiOptions& options) {
  if (options.model.empty()) throw configuration("no model is named");
  if (options.batch_size < 1 || options.batch_size > 2048) {
    throw configuration("batch_size must be 1 to 2048");
  }
  if (options.send_dimensions && options.dimensions == 0) {
    throw configuration("send_dimensions needs dimensions");
  }
  if (options.max_retries < 0 || options.timeout.count() <= 0 ||
      options.total_timeout.count() <= 0 || options.backoff_base.count() < 0 ||
      options.backoff_cap.count() < 0 || options.max_response_bytes == 0) {
    throw configuration("a timeout, a retry option or max_response_bytes is out of range");
  }
}

bool worth_a_retry(long status) {
  return status == 429 || status >= 500;
}

bool worth_a_retry(const HttpFailure& failure) {
  return failure.kind == HttpFailure::Kind::unreachable ||
         failure.kind == HttpFailure::Kind::timeout;
}

}  // namespace

// The endpoint as a function from texts to vectors.
class OpenAiEmbedder::Endpoint {
public:
  Endpoint(OpenAiOptions options, Pacing& pacing)
      : options_((check(options), std::move(options))),
        pacing_(pacing),
        url_(embeddings_url(options_.base_url)),
        key_(find_api_key(options_)),
        known_dimensions_(options_.dimensions) {}

  [[nodiscard]] const OpenAiOptions& options() const { return options_; }
  [[nodiscard]] std::size_t known_dimensions() const { return known_dimensions_; }

  std::vector<std::vector<float>> embed(std::span<const std::string_view> texts) {
    const std::size_t asked = options_.send_dimensions ? options_.dimensions : 0;
    const HttpRequest request{.url = url_,
                              .body = embeddings_request(options_.model, asked, texts),
                              .bearer = key_,
                              .max_response_bytes = options_.max_response_bytes};
    auto vectors = embeddings_answer(fetch(request, texts), texts.size(), known_dimensions_);
    std::size_t unknown = 0;
    const std::size_t size = vectors.front().size();
    if (!known_dimensions_.compare_exchange_strong(unknown, size) && unknown != size) {
      throw Error(ErrorKind::remote, "the embedding endpoint changes its dimensions");
    }
    return vectors;
  }

private:
  // The body of the first answer with status 200, after as many retries as the options allow.
  std::string fetch(HttpRequest request, std::span<const std::string_view> texts) {
    const RetryOptions retries{options_.max_retries, options_.backoff_base, options_.backoff_cap};
    const auto end = pacing_.now() + options_.total_timeout;
    const auto remaining = [&] { return std::chrono::floor<milliseconds>(end - pacing_.now()); };
    for (int retry = 0;; ++retry) {
      request.timeout = std::min(options_.timeout, remaining());
      auto answer = client_.post(request);
      if (answer && answer->status == 200) return std::move(answer->body);

      std::optional<milliseconds> wait;
      if (answer ? worth_a_retry(answer->status) : worth_a_retry(answer.error())) {
        std::optional<milliseconds> asked;
        if (answer) asked = parse_retry_after(answer->retry_after, pacing_.wall_clock());
        wait = retry_wait(retries, retry, asked, pacing_.jitter(), remaining());
      }
      if (!wait) throw answer ? refused(*answer, texts, retry) : failed(answer.error(), retry);
      log::info("embed.retry attempt=" + std::to_string(retry + 1) +
                " status=" + std::to_string(answer ? answer->status : 0) +
                " wait_ms=" + std::to_string(wait->count()));
      pacing_.wait(*wait);
    }
  }

  [[nodiscard]] Error refused(const HttpResponse& answer, std::span<const std::string_view> texts,
                              int retries) const {
    const bool key_refused = answer.status == 401 || answer.status == 403;
    std::string text = "status " + std::to_string(answer.status);
    const std::string said = redact(error_message(answer.body), key_.reveal(), texts);
    if (!said.empty()) text += ": " + said;
    return error(key_refused ? ErrorKind::configuration : ErrorKind::remote, text, retries);
  }

  [[nodiscard]] Error failed(const HttpFailure& failure, int retries) const {
    const bool slow = failure.kind == HttpFailure::Kind::timeout;
    return error(slow ? ErrorKind::timeout : ErrorKind::remote, failure.text, retries);
  }

  [[nodiscard]] Error error(ErrorKind kind, const std::string& text, int retries) const {
    std::string line = "embedding endpoint " + url_;
    if (retries > 0) line += " (after " + std::to_string(retries) + " retries)";
    return Error(kind, line + ": " + text);
  }

  const OpenAiOptions options_;
  Pacing& pacing_;
  const std::string url_;
  const Secret key_;
  HttpClient client_;
  std::atomic<std::size_t> known_dimensions_;  // 0 until an answer tells
};

OpenAiEmbedder::OpenAiEmbedder(OpenAiOptions options, Pacing& pacing)
    : endpoint_(std::make_unique<Endpoint>(std::move(options), pacing)) {}

OpenAiEmbedder::~OpenAiEmbedder() = default;

std::string OpenAiEmbedder::name() const {
  const OpenAiOptions& options = endpoint_->options();
  std::string name = "openai:" + options.model;
  if (options.send_dimensions) name += "@" + std::to_string(options.dimensions);
  return name;
}

std::size_t OpenAiEmbedder::dimensions() const {
  if (endpoint_->known_dimensions() == 0) {
    const std::string_view probe = "dimensions";
    (void)endpoint_->embed({&probe, 1});
  }
  return endpoint_->known_dimensions();
}

std::size_t OpenAiEmbedder::batch_size() const {
  return endpoint_->options().batch_size;
}

std::vector<std::vector<float>> OpenAiEmbedder::embed(std::span<const std::string> texts) {
  std::vector<std::vector<float>> vectors(texts.size());
  std::vector<std::string_view> batch;
  std::vector<std::size_t> places;  // of the batch's texts
  const auto send = [&] {
    if (batch.empty()) return;
    auto answered = endpoint_->embed(batch);
    for (std::size_t i = 0; i < places.size(); ++i) vectors[places[i]] = std::move(answered[i]);
    batch.clear();
    places.clear();
  };
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (is_blank(texts[i])) continue;
    batch.emplace_back(texts[i]);
    places.push_back(i);
    if (batch.size() == batch_size()) send();
  }
  send();
  for (auto& vector : vectors) {
    if (vector.empty()) vector.resize(dimensions());
  }
  return vectors;
}

}  // namespace loci::embed
