#pragma once
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "support/pg_listener.hpp"
#include "support/pg_messages.hpp"

namespace loci::test {

/// A PostgreSQL that says what a test tells it to, on a unix socket or a port of its own.
///
/// ```
/// FakeBackend server([](FakeBackend::Client& client) {
///   client.start_up();
///   client.read_until('S');
///   client.send(message::one_value(7).substr(0, 20));  // half an answer, then the end
/// });
/// Database db({.conninfo = server.dsn()});
/// ```
/// The script runs once for each connection, on a thread of its own, and never after the destructor
/// has returned; its end closes the connection. Requests to cancel are counted, and answered as
/// PostgreSQL does, by closing.
class FakeBackend {
public:
  class Client;
  using Script = std::function<void(Client&)>;

  explicit FakeBackend(Script script, PgListener::At at = PgListener::At::unix_socket)
      : script_(std::move(script)), listener_(at) {
    if (::pipe(stop_) != 0) throw std::runtime_error("pipe");
    acceptor_ = std::thread([this] { accept_all(); });
  }
  FakeBackend(const FakeBackend&) = delete;
  FakeBackend& operator=(const FakeBackend&) = delete;
  ~FakeBackend() {
    ::close(stop_[1]);  // every poll sees the end of the pipe
    acceptor_.join();
    for (std::thread& each : clients_) each.join();
    ::close(stop_[0]);
  }

  [[nodiscard]] std::string dsn() const { return listener_.address() + " dbname=fake user=fake"; }
  [[nodiscard]] int accepted() const { return accepted_; }  ///< Not those that cancel.
  [[nodiscard]] int cancels() const { return cancels_; }

  /// Who is connected. Every call may end the script, when the client or the test is gone.
  class Client {
  public:
    /// Which connection this is, from 1.
    [[nodiscard]] int number() const { return number_; }

    /// Answers the startup packet as a healthy server does.
    void start_up() {
      send(message::authentication_ok() + message::parameter("client_encoding", "UTF8") +
           message::parameter("server_version", "17.0") +
           message::parameter("standard_conforming_strings", "on") +
           message::key_data(static_cast<std::size_t>(number_)) + message::ready());
    }

    /// Reads messages to the first of this type.
    void read_until(char type) {
      while (read_message() != type) {
      }
    }

    void send(std::string_view bytes) {
      while (!bytes.empty()) {
        wait(POLLOUT);
        const ssize_t sent =
            ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) throw Gone();
        if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      }
    }

    /// Says nothing more, until the client is gone.
    void hold() {
      for (;;) (void)read_message();
    }

  private:
    friend FakeBackend;
    struct Gone {};
    Client(pg::embedded::Fd socket, int stop) : socket_(std::move(socket)), stop_(stop) {}

    void wait(short events) const {
      pollfd sockets[] = {{socket_.get(), events, 0}, {stop_, POLLIN, 0}};
      while (::poll(sockets, 2, -1) < 0) {
      }
      if (sockets[1].revents != 0) throw Gone();
    }

    char read_message() {
      auto next = framing_.next(buffer_);
      while (!next) {
        read_more();
        next = framing_.next(buffer_);
      }
      while (buffer_.size() < next->size) read_more();
      buffer_.erase(0, next->size);
      return next->type;
    }
    void read_more() {
      wait(POLLIN);
      char bytes[16384];
      const ssize_t count = ::recv(socket_.get(), bytes, sizeof bytes, 0);
      if (count <= 0) throw Gone();
      buffer_.append(bytes, static_cast<std::size_t>(count));
    }

    pg::embedded::Fd socket_;
    int stop_;
    int number_ = 0;
    PgFraming framing_{true};
    std::string buffer_;
  };

private:
  void accept_all() {
    pollfd wanted[] = {{listener_.descriptor(), POLLIN, 0}, {stop_[0], POLLIN, 0}};
    for (;;) {
      if (::poll(wanted, 2, -1) < 0) continue;
      if (wanted[1].revents != 0) return;
      if (pg::embedded::Fd socket = listener_.accept()) {
        clients_.emplace_back(
            [this, socket = std::move(socket)]() mutable { serve(std::move(socket)); });
      }
    }
  }

  void serve(pg::embedded::Fd socket) {
    Client client(std::move(socket), stop_[0]);
    try {
      if (client.read_message() == k_cancel_packet) {
        ++cancels_;
        return;
      }
      client.number_ = ++accepted_;
      script_(client);
    } catch (const Client::Gone&) {  // that ends the script
    }
  }

  const Script script_;
  PgListener listener_;
  int stop_[2] = {-1, -1};
  std::atomic<int> accepted_ = 0;
  std::atomic<int> cancels_ = 0;
  std::thread acceptor_;
  std::list<std::thread> clients_;  // touched by the acceptor, and once that has ended
};

}  // namespace loci::test
