#pragma once
#include <loci/embed/secret.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>

namespace loci::embed {

struct HttpRequest {
  std::string url;
  std::string body;  ///< JSON.
  Secret bearer;     ///< Sent as `Authorization: Bearer ...` unless empty.
  std::chrono::milliseconds timeout{30'000};
  std::size_t max_response_bytes = 64U << 20U;  ///< After decompression.
};

struct HttpResponse {
  long status = 0;
  std::string body;
  std::string retry_after;  ///< The header, or empty.
};

/// Why there is no (whole) answer.
struct HttpFailure {
  enum class Kind { unreachable, timeout, too_large, broken };
  Kind kind =
      Kind::broken;  ///< unreachable: not connected, or cut off; broken: no use to try again
  std::string text;  ///< One line, without the request's key or body.
};

/// Sends POST requests over HTTP and HTTPS and keeps connections open between them.
///
/// TLS certificates are verified, redirects not followed, no other protocol spoken; proxies come
/// from the environment as libcurl reads it.
/// Thread safety: post() may be called from any thread; calls do not wait for each other.
class HttpClient {
public:
  HttpClient();
  ~HttpClient();

  /// Whether `url` is an http or https URL with a host and without credentials, query or fragment.
  [[nodiscard]] static bool accepts(const std::string& url);

  [[nodiscard]] std::expected<HttpResponse, HttpFailure> post(const HttpRequest& request);

private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace loci::embed
