#pragma once
#include <loci/base/json.hpp>
#include <loci/base/json_writer.hpp>
#include <loci/embed/openai_embedder.hpp>

#include <atomic>
#include <mutex>

#include "support/http_server.hpp"

namespace loci::embed::test {

using loci::test::HttpServer;
using loci::test::HttpServerAnswer;
using loci::test::HttpServerRequest;

/// A clock that only moves when somebody waits, and notes each wait.
class FakePacing final : public Pacing {
public:
  Clock::time_point now() override {
    const std::scoped_lock lock(mutex_);
    return now_;
  }
  std::chrono::system_clock::time_point wall_clock() override {
    return std::chrono::sys_days(std::chrono::year(2024) / 5 / 6);
  }
  double jitter() override { return 0.5; }
  void wait(std::chrono::milliseconds span) override {
    const std::scoped_lock lock(mutex_);
    now_ += span;
    waits_.push_back(span.count());
  }
  [[nodiscard]] std::vector<long> waits() const {
    const std::scoped_lock lock(mutex_);
    return waits_;
  }

private:
  mutable std::mutex mutex_;
  Clock::time_point now_{};
  std::vector<long> waits_;
};

/// The texts of a request.
inline std::vector<std::string> inputs_of(const HttpServerRequest& request) {
  const auto document = JsonDocument::parse(request.body);
  std::vector<std::string> texts;
  for (const Json text : document.root()["input"]) texts.push_back(text.string_or(""));
  return texts;
}

/// A vector in the direction (length of the text, 1, 0), which tells the texts apart.
inline std::string vector_of(const std::string& text) {
  return "[" + std::to_string(text.size()) + ",1,0]";
}

/// What a good endpoint answers, its vectors last to first.
inline HttpServerAnswer good_answer(const HttpServerRequest& request) {
  const auto texts = inputs_of(request);
  JsonWriter out;
  out.object().member("object").value("list").member("data").array();
  for (std::size_t i = texts.size(); i-- > 0;) {
    out.object().member("object").value("embedding").member("index").value(i);
    out.member("embedding").raw(vector_of(texts[i])).close();
  }
  out.close().close();
  return {.body = std::move(out).text()};
}

inline HttpServerAnswer error_answer(int status, const std::string& message) {
  JsonWriter out;
  out.object().member("error").object().member("message").value(message).close().close();
  return {.status = status, .body = std::move(out).text()};
}

/// A server that plays the given answers first, then good ones; and an embedder for it.
struct Endpoint {
  explicit Endpoint(std::vector<HttpServerAnswer> first = {})
      : first_answers(std::move(first)), server([this](const HttpServerRequest& request) {
          const std::size_t turn = turns++;
          return turn < first_answers.size() ? first_answers[turn] : good_answer(request);
        }) {
    ::setenv("no_proxy", "127.0.0.1", 1);
    options.base_url = server.url() + "/v1";
    options.model = "tiny";
    options.api_key = Secret("sk-very-secret-1234");
  }

  std::vector<std::vector<float>> embed(const std::vector<std::string>& texts) {
    return OpenAiEmbedder(options, pacing).embed(texts);
  }

  const std::vector<HttpServerAnswer> first_answers;
  std::atomic<std::size_t> turns = 0;
  HttpServer server;
  FakePacing pacing;
  OpenAiOptions options;
};

}  // namespace loci::embed::test
