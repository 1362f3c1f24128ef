#include "sqlgen/nullability/facts.hpp"

namespace loci::sqlgen {

Facts Facts::everything() {
  Facts facts;
  facts.everything_ = true;
  return facts;
}

void Facts::add(const Facts& others) {
  all_.insert(others.all_.begin(), others.all_.end());
  expressions_.insert(others.expressions_.begin(), others.expressions_.end());
  everything_ = everything_ || others.everything_;
}

void Facts::restrict(const Facts& others) {
  if (others.everything_) return;
  if (everything_) {
    *this = others;
    return;
  }
  std::erase_if(all_, [&](const Fact& fact) { return !others.all_.contains(fact); });
  std::erase_if(expressions_, [&](std::string_view one) { return !others.has(one); });
}

void Facts::forget_entry(std::int64_t entry) {
  std::erase_if(all_, [entry](const Fact& fact) { return fact.entry == entry; });
}

}  // namespace loci::sqlgen
