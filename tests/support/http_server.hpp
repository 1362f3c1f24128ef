#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace loci::test {

/// One request as it came in.
struct HttpServerRequest {
  std::string head;  ///< Request line and headers, as sent.
  std::string body;
};

/// What the server does with a request.
struct HttpServerAnswer {
  enum class Fault {
    none,
    drop,  ///< Close without a byte.
    half,  ///< Announce the whole body, send half of it, close.
    raw,   ///< Send `body` and nothing else, close.
    hold,  ///< Say nothing until the server ends or the client goes.
  };
  int status = 200;
  std::string body;
  std::vector<std::string> headers;  ///< Whole lines, as `Retry-After: 3`.
  Fault fault = Fault::none;
};

/// An HTTP/1.1 server on 127.0.0.1 whose answers a function decides. One thread a connection.
///
/// The handler is called from several threads at once, never after the destructor has returned.
class HttpServer {
public:
  using Handler = std::function<HttpServerAnswer(const HttpServerRequest&)>;

  explicit HttpServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || ::bind(listener_, generic, length) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, generic, &length) != 0 || ::pipe(stop_) != 0) {
      throw std::runtime_error("no server socket");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~HttpServer() {
    ::close(stop_[1]);  // every poll sees the end of the pipe
    acceptor_.join();
    for (std::thread& connection : connections_) connection.join();
    ::close(stop_[0]);
    ::close(listener_);
  }

  HttpServer(HttpServer&&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  [[nodiscard]] std::vector<HttpServerRequest> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

private:
  void accept_all() {
    while (readable(listener_)) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) connections_.emplace_back([this, socket] { serve(socket); });
    }
  }

  // Waits for something to read; false when the server ends.
  [[nodiscard]] bool readable(int socket) const {
    pollfd wanted[] = {{socket, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    while (::poll(wanted, 2, -1) < 0) {
    }
    return wanted[1].revents == 0;
  }

  void serve(int socket) {
    std::string buffer;
    HttpServerRequest request;
    while (read_request(socket, buffer, request)) {
      {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(request);
      }
      if (!answer(socket, handler_(request))) break;
    }
    ::close(socket);
  }

  bool read_more(int socket, std::string& buffer) const {
    if (!readable(socket)) return false;
    char bytes[16384];
    const ssize_t count = ::recv(socket, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    buffer.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  bool read_request(int socket, std::string& buffer, HttpServerRequest& request) const {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == buffer.npos) {
      if (!read_more(socket, buffer)) return false;
    }
    request.head = buffer.substr(0, end + 2);
    const std::string_view name = "Content-Length: ";
    const auto at = request.head.find(name);
    const std::size_t length =
        at == request.head.npos ? 0 : std::stoul(request.head.substr(at + name.size()));
    while (buffer.size() < end + 4 + length) {
      if (!read_more(socket, buffer)) return false;
    }
    request.body = buffer.substr(end + 4, length);
    buffer.erase(0, end + 4 + length);
    return true;
  }

  // False when the connection is to be closed.
  bool answer(int socket, const HttpServerAnswer& answer) const {
    using enum HttpServerAnswer::Fault;
    switch (answer.fault) {
      case drop:
        return false;
      case raw:
        return send_all(socket, answer.body), false;
      case hold:
        return static_cast<void>(readable(socket)), false;
      case half:
        return send_all(socket, head(answer) + answer.body.substr(0, answer.body.size() / 2)),
               false;
      case none:
        break;
    }
    return send_all(socket, head(answer) + answer.body);
  }

  static std::string head(const HttpServerAnswer& answer) {
    std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " scripted\r\n";
    for (const std::string& header : answer.headers) text += header + "\r\n";
    return text + "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
  }

  static bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  const Handler handler_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};
  unsigned port_ = 0;
  std::thread acceptor_;
  std::list<std::thread> connections_;  // touched by the acceptor, and once that has ended
  mutable std::mutex mutex_;
  std::vector<HttpServerRequest> requests_;  // guarded by mutex_
};

}  // namespace loci::test
