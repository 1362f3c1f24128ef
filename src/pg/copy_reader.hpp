#pragma once
#include <loci/pg/copy_out.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace loci::pg {

/// Takes the binary COPY format apart, however its bytes are cut. No I/O.
class CopyReader {
public:
  /// Makes room: the rows parsed last are gone, what is no whole row yet is kept.
  void discard();
  void append(std::string_view bytes) { buffer_.append(bytes); }
  [[nodiscard]] std::size_t size() const noexcept { return buffer_.size(); }

  /// The whole rows there are, valid until discard() or append().
  /// Errors: Error{protocol} when these are no such bytes.
  [[nodiscard]] std::span<const CopyRow> parse();

  /// Errors: Error{protocol} when the trailer has not come.
  void expect_end() const;

private:
  bool parse_header();
  bool parse_row();

  struct Cut {
    std::size_t begin;  // into fields_
    std::size_t count;
  };
  std::string buffer_;
  std::size_t parsed_ = 0;
  bool header_seen_ = false;
  bool trailer_seen_ = false;
  std::vector<std::optional<std::string_view>> fields_;
  std::vector<Cut> cuts_;
  std::vector<CopyRow> rows_;
};

}  // namespace loci::pg
