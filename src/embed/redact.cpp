#include "embed/redact.hpp"

#include <loci/base/text.hpp>

#include <algorithm>
#include <vector>

#include "embed/blank.hpp"

namespace loci::embed {
namespace {

constexpr std::size_t longest_message = 200;
constexpr std::size_t window = 12;
constexpr std::size_t looked_at = 512;

bool is_word_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The bytes of a message that must not be shown.
class Hidden {
public:
  explicit Hidden(std::string_view message) : message_(message), bytes_(message.size(), false) {}

  void every(std::string_view secret) {
    if (secret.empty()) return;
    for (auto at = message_.find(secret); at != message_.npos; at = message_.find(secret, at + 1)) {
      mark(at, secret.size());
    }
  }

  void whole_words(std::string_view text) {
    for (auto at = message_.find(text); at != message_.npos; at = message_.find(text, at + 1)) {
      const auto end = at + text.size();
      const bool starts = at == 0 || !is_word_byte(message_[at - 1]);
      const bool stops = end == message_.size() || !is_word_byte(message_[end]);
      if (starts && stops) mark(at, text.size());
    }
  }

  void pieces_of(std::string_view text) {
    for (std::size_t at = 0; at + window <= message_.size(); ++at) {
      if (text.contains(message_.substr(at, window))) mark(at, window);
    }
  }

  [[nodiscard]] std::string rest() const {
    std::string out;
    for (std::size_t at = 0; at < message_.size(); ++at) {
      if (!bytes_[at]) {
        out.push_back(static_cast<unsigned char>(message_[at]) < 0x20 ? ' ' : message_[at]);
      } else if (at == 0 || !bytes_[at - 1]) {
        out.append("[...]");
      }
    }
    return out;
  }

private:
  void mark(std::size_t at, std::size_t count) {
    std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), count, true);
  }

  std::string_view message_;
  std::vector<bool> bytes_;
};

}  // namespace

std::string redact(std::string_view message, std::string_view key,
                   std::span<const std::string_view> texts) {
  message = utf8_prefix(message, looked_at);
  Hidden hidden(message);
  hidden.every(key);
  if (key.size() >= window) hidden.pieces_of(key);
  for (const std::string_view text : texts) {
    if (text.size() >= window) {
      hidden.pieces_of(text);
    } else if (!is_blank(text)) {
      hidden.whole_words(trim(text));
    }
  }
  return std::string(utf8_prefix(to_storable(hidden.rest()), longest_message));
}

}  // namespace loci::embed
