#include "storage/cursor.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <loci/base/error.hpp>
#include <loci/pg/binary.hpp>

#include <array>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/base64url.hpp"

namespace loci::storage {

namespace {

constexpr std::uint8_t k_version = 1;
constexpr std::size_t k_signature = 16;

[[noreturn]] void refuse() {
  throw Error(ErrorKind::invalid_argument,
              "list: this cursor is damaged, or belongs to a list with another filter or order");
}

// Every part is preceded by its length or its kind, so no two scopes have the same bytes.
class Writer {
public:
  void byte(std::size_t value) { out_.integer(static_cast<std::uint8_t>(value)); }
  void number(std::int64_t value) { out_.integer(value); }
  void text(std::string_view text) {
    number(static_cast<std::int64_t>(text.size()));
    out_.raw(text);
  }
  void value(const FilterValue& value) {
    std::visit(
        [this](const auto& held) {
          using Held = std::remove_cvref_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, double>) {
            out_.real(held);
          } else if constexpr (std::is_integral_v<Held>) {
            number(held);
          } else if constexpr (std::is_same_v<Held, Timestamp>) {
            number(held.time_since_epoch().count());
          } else if constexpr (std::is_same_v<Held, Uuid>) {
            for (const std::uint8_t each : held.bytes()) byte(each);
          } else if constexpr (std::is_same_v<Held, JsonText>) {
            text(held.text);
          } else {
            text(held);
          }
        },
        value);
  }
  void filter(const Filter& filter) {
    byte(static_cast<std::size_t>(filter.op()));
    if (filter.op() == FilterOp::all) return;
    const Filter::Node& node = filter.node();
    text(node.field);
    byte(node.path.size());
    for (const std::string& part : node.path) text(part);
    number(static_cast<std::int64_t>(node.values.size()));
    for (const FilterValue& each : node.values) {
      byte(each.index());
      value(each);
    }
    number(static_cast<std::int64_t>(node.children.size()));
    for (const Filter& child : node.children) this->filter(child);
  }
  void scope(const CursorScope& scope) {
    text(scope.record);
    value(scope.tenant_id);
    byte(static_cast<std::size_t>(scope.user_id.has_value()));
    text(scope.user_id.value_or(""));
    filter(scope.filter);
    byte(scope.fields.size());
    for (const DeclaredField* field : scope.fields) text(field->name);
    byte(static_cast<std::size_t>(scope.descending));
    byte(static_cast<std::size_t>(scope.deleted));
  }
  std::string take() { return out_.take(); }

private:
  pg::Encoder out_;
};

FilterValue read_value(pg::Decoder& in, FieldKind kind) {
  switch (kind) {
    case FieldKind::boolean:
      return in.integer<std::int64_t>() != 0;
    case FieldKind::integer:
      return in.integer<std::int64_t>();
    case FieldKind::real:
      return in.real64();
    case FieldKind::uuid: {
      std::array<std::uint8_t, 16> bytes{};
      for (std::uint8_t& each : bytes) each = in.integer<std::uint8_t>();
      return Uuid(bytes);
    }
    case FieldKind::time:
      return Timestamp(std::chrono::microseconds(in.integer<std::int64_t>()));
    case FieldKind::text:
    case FieldKind::metadata:
      break;
  }
  const auto size = in.integer<std::int64_t>();
  if (size < 0) refuse();
  return std::string(in.raw(static_cast<std::size_t>(size)));
}

std::string sign(std::string_view key, const CursorScope& scope, std::string_view payload) {
  Writer signed_text;
  signed_text.text("loci cursor");
  signed_text.scope(scope);
  signed_text.text(payload);
  const std::string text = signed_text.take();
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(), bytes,
                text.size(), mac.data(), mac.size(), &size) == nullptr ||
      size < k_signature) {
    throw Error(ErrorKind::configuration, "libcrypto has no HMAC-SHA256");
  }
  return {reinterpret_cast<const char*>(mac.data()), k_signature};
}

Position read_position(std::string_view payload, const CursorScope& scope) {
  pg::Decoder in(payload);
  Position position;
  try {
    if (in.integer<std::uint8_t>() != k_version) refuse();
    for (const DeclaredField* field : scope.fields) {
      position.push_back(read_value(in, field->kind));
    }
    in.expect_end();
  } catch (const Error&) {
    refuse();
  }
  return position;
}

}  // namespace

std::string write_cursor(std::string_view key, const CursorScope& scope, const Position& last) {
  Writer payload;
  payload.byte(k_version);
  for (const FilterValue& value : last) payload.value(value);
  std::string bytes = payload.take();
  bytes += sign(key, scope, bytes);
  return to_base64url(bytes);
}

Position read_cursor(std::string_view key, const CursorScope& scope, std::string_view cursor) {
  const auto bytes = from_base64url(cursor);
  if (!bytes || bytes->size() < k_signature) refuse();
  const std::string_view payload = std::string_view(*bytes).substr(0, bytes->size() - k_signature);
  const std::string expected = sign(key, scope, payload);
  if (CRYPTO_memcmp(expected.data(), bytes->data() + payload.size(), k_signature) != 0) refuse();
  return read_position(payload, scope);
}

}  // namespace loci::storage
