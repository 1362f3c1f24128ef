#include <loci/base/error.hpp>
#include <loci/pg/types/vector.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace loci {

SparseVector SparseVector::of(std::span<const float> dense) {
  if (dense.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw Error(ErrorKind::invalid_argument, "a vector has too many dimensions");
  }
  SparseVector made{.dimensions = static_cast<std::int32_t>(dense.size())};
  for (std::size_t i = 0; i < dense.size(); ++i) {
    if (dense[i] == 0) continue;
    made.indices.push_back(static_cast<std::int32_t>(i));
    made.values.push_back(dense[i]);
  }
  return made;
}

}  // namespace loci

namespace loci::pg::type {
namespace {

constexpr std::int32_t k_max_sparse_dimensions = 1'000'000'000;
constexpr std::ptrdiff_t k_max_kept = 16'000;

bool are_indices(std::span<const std::int32_t> indices, std::int32_t dimensions) {
  if (indices.empty()) return true;
  return indices.front() >= 0 && indices.back() < dimensions &&
         std::ranges::adjacent_find(indices, std::greater_equal()) == indices.end();
}

void require_sound(const loci::SparseVector& value) {
  const auto refuse = [](const char* why) { throw Error(ErrorKind::invalid_argument, why); };
  if (value.dimensions < 1 || value.dimensions > k_max_sparse_dimensions) {
    refuse("a sparse vector has 1 to 1000000000 dimensions");
  }
  if (value.indices.size() != value.values.size()) {
    refuse("a sparse vector has not as many indices as values");
  }
  if (!are_indices(value.indices, value.dimensions)) {
    refuse("the indices of a sparse vector do not ascend within its dimensions");
  }
  if (!std::ranges::all_of(value.values, [](float each) { return std::isfinite(each); })) {
    refuse("a vector holds NaN or an infinity");
  }
}

}  // namespace

void Sparsevec::encode(Encoder& out, const loci::SparseVector& value) {
  require_sound(value);
  const auto is_kept = [](float each) { return each != 0; };
  const std::ptrdiff_t kept = std::ranges::count_if(value.values, is_kept);
  if (kept > k_max_kept) {
    throw Error(ErrorKind::invalid_argument, "a sparse vector has more than 16000 nonzero values");
  }
  out.integer(value.dimensions);
  out.integer(static_cast<std::int32_t>(kept));
  out.integer(std::int32_t{0});  // reserved
  for (std::size_t i = 0; i < value.values.size(); ++i) {
    if (is_kept(value.values[i])) out.integer(value.indices[i]);
  }
  for (const float each : value.values) {
    if (is_kept(each)) out.real(each);
  }
}

loci::SparseVector Sparsevec::decode(std::string_view bytes) {
  Decoder in(bytes);
  loci::SparseVector value{.dimensions = in.integer<std::int32_t>()};
  const auto kept = in.integer<std::uint32_t>();
  (void)in.integer<std::int32_t>();  // reserved
  // An index and a value take eight bytes, which bounds what a broken count can make us allocate.
  if (kept > in.rest().size() / 8) {
    throw Error(ErrorKind::protocol, "a sparse vector's length does not fit its bytes");
  }
  value.indices.resize(kept);
  value.values.resize(kept);
  for (std::int32_t& index : value.indices) index = in.integer<std::int32_t>();
  for (float& each : value.values) each = in.real32();
  in.expect_end();
  if (value.dimensions < 1 || !are_indices(value.indices, value.dimensions)) {
    throw Error(ErrorKind::protocol, "a sparse vector's indices lie outside its dimensions");
  }
  return value;
}

}  // namespace loci::pg::type
