#include <loci/storage/repository.hpp>

namespace loci::storage {

namespace {

Error first_of(std::size_t batch_size, const std::vector<ItemFailure>& failures) {
  const ItemFailure& first = failures.front();
  std::string context =
      "item " + std::to_string(first.item + 1) + " of " + std::to_string(batch_size);
  if (failures.size() > 1) {
    context += " (and " + std::to_string(failures.size() - 1) + " more)";
  }
  return first.error.with_context(context);
}

}  // namespace

BatchError::BatchError(std::size_t batch_size, std::vector<ItemFailure> failures)
    : Error(first_of(batch_size, failures)),
      failures_(std::make_shared<const std::vector<ItemFailure>>(std::move(failures))) {}

}  // namespace loci::storage
