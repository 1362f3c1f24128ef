#include "pg/copy_reader.hpp"

#include <loci/base/error.hpp>

namespace loci::pg {
namespace {

constexpr std::string_view k_signature("PGCOPY\n\377\r\n\0", 11);

[[noreturn]] void malformed() {
  throw Error(ErrorKind::protocol, "the server's COPY data is not in binary format");
}

}  // namespace

void CopyRow::no_such(std::size_t column) {
  throw Error(ErrorKind::protocol, "COPY brought no column " + std::to_string(column + 1));
}

void CopyRow::is_null(std::size_t column) {
  throw Error(ErrorKind::protocol,
              "column " + std::to_string(column + 1) + " of COPY is NULL but was not to be");
}

void CopyReader::discard() {
  buffer_.erase(0, parsed_);
  parsed_ = 0;
}

std::span<const CopyRow> CopyReader::parse() {
  fields_.clear();
  cuts_.clear();
  rows_.clear();
  if (parse_header()) {
    while (parse_row()) {
    }
  }
  rows_.reserve(cuts_.size());
  const std::span all(fields_);
  for (const Cut& cut : cuts_) rows_.emplace_back(all.subspan(cut.begin, cut.count));
  return rows_;
}

bool CopyReader::parse_header() {
  constexpr std::size_t fixed = k_signature.size() + 8;
  if (header_seen_) return true;
  if (buffer_.size() < fixed) return false;
  Decoder in(buffer_);
  if (in.raw(k_signature.size()) != k_signature) malformed();
  if (in.integer<std::int32_t>() != 0) malformed();  // no flag is known
  const auto extension = in.integer<std::uint32_t>();
  if (in.rest().size() < extension) return false;
  parsed_ = fixed + extension;
  header_seen_ = true;
  return true;
}

// False when the bytes end before the row does.
bool CopyReader::parse_row() {
  const std::string_view bytes = std::string_view(buffer_).substr(parsed_);
  if (bytes.size() < 2) return false;
  if (trailer_seen_) malformed();
  Decoder in(bytes);
  const auto count = in.integer<std::int16_t>();
  if (count == -1) {
    trailer_seen_ = true;
    parsed_ += 2;
    return false;
  }
  if (count < 0) malformed();
  const std::size_t begin = fields_.size();
  for (std::int16_t i = 0; i < count; ++i) {
    std::int32_t length = -1;
    const bool whole =
        in.rest().size() >= sizeof length && ((length = in.integer<std::int32_t>()) < 0 ||
                                              in.rest().size() >= static_cast<std::size_t>(length));
    if (!whole) {
      fields_.resize(begin);
      return false;
    }
    if (length < -1) malformed();
    if (length == -1) {
      fields_.emplace_back(std::nullopt);
    } else {
      fields_.emplace_back(in.raw(static_cast<std::size_t>(length)));
    }
  }
  parsed_ += bytes.size() - in.rest().size();
  cuts_.push_back({begin, static_cast<std::size_t>(count)});
  return true;
}

void CopyReader::expect_end() const {
  if (!trailer_seen_ || parsed_ != buffer_.size()) malformed();
}

}  // namespace loci::pg
