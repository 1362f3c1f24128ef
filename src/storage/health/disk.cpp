// What fills up: the disk, and the numbers of transactions.
#include "storage/health/checks.hpp"
#include "storage/health/findings.hpp"

namespace loci::storage::health {

namespace {

constexpr std::uint64_t k_little = std::uint64_t{1} << 30;
constexpr std::uint64_t k_almost_nothing = std::uint64_t{128} << 20;
// The server refuses to write three million before 2^31.
constexpr std::int64_t k_dangerous_age = 1'600'000'000;

}  // namespace

HealthCheck judge_disk(std::int64_t database_bytes, std::optional<DiskSpace> disk) {
  Findings found("disk");
  found.note("the database has " + bytes_text(database_bytes));
  if (!disk) return found.note("free space: not known from here").take();
  found.note(bytes_text(static_cast<std::int64_t>(disk->free)) + " of " +
             bytes_text(static_cast<std::int64_t>(disk->size)) + " are free");
  const auto* const remedy =
      "free some space: a server whose disk is full stops; loci delete ... --purge, then vacuum, "
      "helps little";
  if (disk->free < k_almost_nothing || disk->free < disk->size / 100) {
    found.fail("almost nothing is free", remedy);
  } else if (disk->free < k_little || disk->free < disk->size / 20) {
    found.warn("little is free", remedy);
  }
  return found.take();
}

HealthCheck judge_age(const queries::MeasureAge::Row& age) {
  Findings found("wraparound");
  const std::int64_t oldest = std::max(age.age, age.multixact_age);
  found.note(std::format("the oldest transaction is {} million back", oldest / 1'000'000));
  const auto* const remedy =
      "vacuum freeze as an administrator, and look for what keeps autovacuum from it: long or "
      "prepared transactions, slots, autovacuum = off";
  if (oldest > k_dangerous_age) {
    found.fail("the server will stop at 2,147 million", remedy);
  } else if (oldest > age.vacuumed_at + age.vacuumed_at / 5) {
    found.warn("autovacuum should have frozen it", remedy);
  }
  return found.take();
}

}  // namespace loci::storage::health
