#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// PostgreSQL's protocol, version 3, as bytes: where messages begin and end, and those a server
/// says.
namespace loci::test {

/// What stands for the type of the packets that have none.
constexpr char k_startup_packet = '\0';
constexpr char k_cancel_packet = '\1';
constexpr char k_encryption_packet = '\2';  ///< A request for TLS or GSS; another packet follows.

[[nodiscard]] inline std::uint32_t read_int32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// Tells the messages of one direction of one connection apart. Its reader takes them off the
/// front, in order.
class PgFraming {
public:
  explicit PgFraming(bool from_client) : untyped_(from_client) {}

  struct Message {
    char type;
    std::size_t size;  ///< All of it, head included.
  };
  /// The message that begins at the front of `bytes`, once its head is there; call once for each
  /// message. Bytes that are none count as one message without end.
  [[nodiscard]] std::optional<Message> next(std::string_view bytes) {
    if (bytes.size() < (untyped_ ? 8U : 5U)) return std::nullopt;
    const std::uint32_t length = read_int32(bytes.substr(untyped_ ? 0 : 1));
    if (length < 4) return Message{bytes[0], SIZE_MAX};
    if (!untyped_) return Message{bytes[0], length + std::size_t{1}};
    const std::uint32_t code = read_int32(bytes.substr(4));
    if (code == k_cancel_code) return Message{k_cancel_packet, length};
    if (code == k_tls_code || code == k_gss_code) return Message{k_encryption_packet, length};
    untyped_ = false;
    return Message{k_startup_packet, length};
  }

private:
  static constexpr std::uint32_t k_cancel_code = 80877102;
  static constexpr std::uint32_t k_tls_code = 80877103;
  static constexpr std::uint32_t k_gss_code = 80877104;
  bool untyped_;
};

namespace message {

[[nodiscard]] inline std::string int16(std::size_t value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}
[[nodiscard]] inline std::string int32(std::size_t value) {
  return int16(value >> 16 & 0xffff) + int16(value & 0xffff);
}
[[nodiscard]] inline std::string text(std::string_view value) {
  return std::string(value) + '\0';
}
[[nodiscard]] inline std::string make(char type, std::string_view body) {
  return type + int32(body.size() + 4) + std::string(body);
}

[[nodiscard]] inline std::string authentication_ok() {
  return make('R', int32(0));
}
[[nodiscard]] inline std::string parameter(std::string_view name, std::string_view value) {
  return make('S', text(name) + text(value));
}
[[nodiscard]] inline std::string key_data(std::size_t pid) {
  return make('K', int32(pid) + int32(42));
}
[[nodiscard]] inline std::string ready(char transaction = 'I') {
  return make('Z', {&transaction, 1});
}
[[nodiscard]] inline std::string parse_complete() {
  return make('1', "");
}
[[nodiscard]] inline std::string bind_complete() {
  return make('2', "");
}
/// Columns of type int4, in binary.
[[nodiscard]] inline std::string row_description(std::initializer_list<std::string_view> columns) {
  std::string body = int16(columns.size());
  for (const std::string_view column : columns) {
    body +=
        text(column) + int32(0) + int16(0) + int32(23) + int16(4) + int32(0xffffffff) + int16(1);
  }
  return make('T', body);
}
[[nodiscard]] inline std::string row(std::initializer_list<std::size_t> values) {
  std::string body = int16(values.size());
  for (const std::size_t value : values) body += int32(4) + int32(value);
  return make('D', body);
}
[[nodiscard]] inline std::string complete(std::string_view tag) {
  return make('C', text(tag));
}
[[nodiscard]] inline std::string report(char type, std::string_view severity,
                                        std::string_view sqlstate, std::string_view words) {
  std::string body;
  for (const char field : {'S', 'V'}) body += field + text(severity);
  body += 'C' + text(sqlstate) + 'M' + text(words) + '\0';
  return make(type, body);
}
[[nodiscard]] inline std::string error(std::string_view severity, std::string_view sqlstate,
                                       std::string_view words = "scripted") {
  return report('E', severity, sqlstate, words);
}
[[nodiscard]] inline std::string notice(std::string_view words) {
  return report('N', "WARNING", "01000", words);
}
/// The whole answer to a statement sent for the first time that gives one int4.
[[nodiscard]] inline std::string one_value(std::size_t value) {
  return parse_complete() + bind_complete() + row_description({"value"}) + row({value}) +
         complete("SELECT 1") + ready();
}

}  // namespace message
}  // namespace loci::test
