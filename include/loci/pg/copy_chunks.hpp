#pragma once
#include <loci/pg/copy_rows.hpp>

#include <cstddef>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace loci::pg {

/// A range of rows as the chunks that COPY FROM wants, read as they are asked for. `encode` writes
/// one row into a CopyRows. The range must outlive it.
template <std::ranges::input_range Rows, class Encode>
class CopyChunks {
public:
  /// `types`: as CopyRows wants them.
  CopyChunks(Rows& rows, Encode encode, std::vector<KnownType> types = {})
      : out_(std::move(types)),
        next_(std::ranges::begin(rows)),
        end_(std::ranges::end(rows)),
        encode_(std::move(encode)) {}

  /// The next chunk; false when there is none.
  bool operator()(std::string& chunk) {
    if (next_ == end_) return false;
    for (; next_ != end_ && out_.size() < at_once; ++next_) encode_(out_, *next_);
    out_.exchange(chunk);
    return true;
  }

private:
  static constexpr std::size_t at_once = 64 * 1024;  // bytes; one write to the socket
  CopyRows out_;
  std::ranges::iterator_t<Rows> next_;
  std::ranges::sentinel_t<Rows> end_;
  Encode encode_;
};

}  // namespace loci::pg
