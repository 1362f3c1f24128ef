#pragma once
#include <loci/pg/query.hpp>

#include <boost/container/small_vector.hpp>

namespace loci::pg {

/// A request's parameters as libpq wants them: three arrays. Lives as long as the parameters.
class Arguments {
public:
  explicit Arguments(const Params& params)
      : values_(params.slots().size()),
        lengths_(params.slots().size()),
        formats_(params.slots().size(), 1) {
    const char* bytes = params.encoder().bytes().data();
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const Params::Slot& slot = params.slots()[i];
      values_[i] = slot.length < 0 ? nullptr : bytes + slot.begin;
      lengths_[i] = slot.length < 0 ? 0 : static_cast<int>(slot.length);
    }
  }
  [[nodiscard]] int count() const noexcept { return static_cast<int>(values_.size()); }
  [[nodiscard]] const char* const* values() const noexcept { return values_.data(); }
  [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }
  [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }

private:
  static constexpr std::size_t k_usual = 12;
  boost::container::small_vector<const char*, k_usual> values_;
  boost::container::small_vector<int, k_usual> lengths_;
  boost::container::small_vector<int, k_usual> formats_;
};

}  // namespace loci::pg
