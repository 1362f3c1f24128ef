#include <loci/storage/tool.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace loci::storage {

namespace {

using Step = std::pair<std::string_view, std::string_view>;
constexpr std::array k_steps{
    Step{"pending", "running"}, Step{"pending", "ok"},        Step{"pending", "error"},
    Step{"pending", "denied"},  Step{"pending", "cancelled"}, Step{"running", "ok"},
    Step{"running", "error"},   Step{"running", "cancelled"}, Step{"running", "pending"},
    Step{"error", "running"},
};

}  // namespace

bool may_become(std::string_view from, std::string_view to) noexcept {
  return from == to || std::ranges::find(k_steps, Step(from, to)) != k_steps.end();
}

}  // namespace loci::storage
