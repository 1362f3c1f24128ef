#include "embed/http_client.hpp"

#include <loci/base/error.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <vector>

namespace loci::embed {
namespace {

struct FreeHandle {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;

struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

class HeaderLines {
public:
  void add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)list_.release();
    list_.reset(longer);
  }
  [[nodiscard]] curl_slist* get() const noexcept { return list_.get(); }

private:
  std::unique_ptr<curl_slist, FreeList> list_;
};

struct Sink {
  std::string body;
  std::size_t limit = 0;
  bool full = false;
};

// A callback of C: nothing may be thrown through it.
std::size_t receive(char* bytes, std::size_t size, std::size_t count, void* into) noexcept {
  auto& sink = *static_cast<Sink*>(into);
  const std::size_t length = size * count;
  if (length > sink.limit - sink.body.size()) {
    sink.full = true;
    return CURL_WRITEFUNC_ERROR;
  }
  try {
    sink.body.append(bytes, length);
  } catch (const std::bad_alloc&) {
    return CURL_WRITEFUNC_ERROR;
  }
  return length;
}

HttpFailure::Kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return HttpFailure::Kind::timeout;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return HttpFailure::Kind::unreachable;
    default:
      return HttpFailure::Kind::broken;
  }
}

void initialise_curl() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (done != CURLE_OK) throw Error(ErrorKind::io, "libcurl does not start");
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (const CURLcode code = curl_easy_setopt(handle, option, value); code != CURLE_OK) {
    throw Error(ErrorKind::io, std::string("libcurl: ") + curl_easy_strerror(code));
  }
}

void prepare(CURL* handle, const HttpRequest& request, const HeaderLines& headers, Sink& sink,
             char* error_text) {
  const long timeout = std::max<long>(1, static_cast<long>(request.timeout.count()));
  set(handle, CURLOPT_URL, request.url.c_str());
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_NOSIGNAL, 1L);  // signals and threads do not go together
  set(handle, CURLOPT_TIMEOUT_MS, timeout);
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout, 10'000L));
  set(handle, CURLOPT_ACCEPT_ENCODING, "");
  set(handle, CURLOPT_USERAGENT, "loci");
  set(handle, CURLOPT_HTTPHEADER, headers.get());
  set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  set(handle, CURLOPT_POSTFIELDS, request.body.data());
  set(handle, CURLOPT_WRITEFUNCTION, &receive);
  set(handle, CURLOPT_WRITEDATA, &sink);
  set(handle, CURLOPT_ERRORBUFFER, error_text);
}

std::string header_value(CURL* handle, const char* name) {
  curl_header* header = nullptr;
  const auto found = curl_easy_header(handle, name, 0, CURLH_HEADER, -1, &header);
  return found == CURLHE_OK ? header->value : "";
}

}  // namespace

// Handles not in use, each with its open connections.
struct HttpClient::Handles {
  static constexpr std::size_t most_idle = 8;

  Handle take() {
    {
      const std::scoped_lock lock(mutex);
      if (!idle.empty()) {
        Handle handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    Handle handle(curl_easy_init());
    if (!handle) throw Error(ErrorKind::io, "libcurl gives no handle");
    return handle;
  }

  void give_back(Handle handle) {
    curl_easy_reset(handle.get());  // forgets the key; keeps the connections
    const std::scoped_lock lock(mutex);
    if (idle.size() < most_idle) idle.push_back(std::move(handle));
  }

  std::mutex mutex;
  std::vector<Handle> idle;  // guarded by mutex
};

HttpClient::HttpClient() {
  initialise_curl();
  handles_ = std::make_unique<Handles>();
}
HttpClient::~HttpClient() = default;

bool HttpClient::accepts(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parts(curl_url(), &curl_url_cleanup);
  if (!parts || curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return false;
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(parts.get(), which, &text, 0) != CURLUE_OK) return std::string();
    std::string copy(text);
    curl_free(text);
    return copy;
  };
  const std::string scheme = part(CURLUPART_SCHEME);
  return (scheme == "http" || scheme == "https") && part(CURLUPART_USER).empty() &&
         part(CURLUPART_PASSWORD).empty() && part(CURLUPART_QUERY).empty() &&
         part(CURLUPART_FRAGMENT).empty();
}

std::expected<HttpResponse, HttpFailure> HttpClient::post(const HttpRequest& request) {
  HeaderLines headers;
  headers.add("Content-Type: application/json");
  headers.add("Accept: application/json");
  headers.add("Expect:");  // no round trip to ask whether a large body is welcome
  if (!request.bearer.empty()) headers.add("Authorization: Bearer " + request.bearer.reveal());

  Sink sink{.limit = request.max_response_bytes};
  std::array<char, CURL_ERROR_SIZE> error_text{};
  Handle handle = handles_->take();
  prepare(handle.get(), request, headers, sink, error_text.data());
  const CURLcode code = curl_easy_perform(handle.get());
  if (sink.full) {
    return std::unexpected(HttpFailure{
        HttpFailure::Kind::too_large,
        "the answer is larger than " + std::to_string(request.max_response_bytes) + " bytes"});
  }
  if (code != CURLE_OK) {
    const char* text = error_text[0] != '\0' ? error_text.data() : curl_easy_strerror(code);
    return std::unexpected(HttpFailure{kind_of(code), text});
  }
  HttpResponse response{.body = std::move(sink.body),
                        .retry_after = header_value(handle.get(), "Retry-After")};
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &response.status);
  handles_->give_back(std::move(handle));
  return response;
}

}  // namespace loci::embed
