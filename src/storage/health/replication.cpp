// Standbys, and what is kept for them.
#include "storage/health/checks.hpp"
#include "storage/health/findings.hpp"

#include <loci/pg/quote.hpp>

namespace loci::storage::health {

namespace {

constexpr double k_late_seconds = 30;
constexpr std::int64_t k_late_bytes = 256 << 20;
constexpr std::int64_t k_much_kept = std::int64_t{1} << 30;

}  // namespace

HealthCheck judge_replication(const Replication& replication, const Server& server) {
  Findings found("replication");
  if (replication.replay.cut_off) {
    found.warn(
        "this standby receives nothing from its primary",
        "see that the primary runs, that primary_conninfo leads to it, and that it still has "
        "the WAL that is wanted: the standby's log says which");
  }
  if (replication.replay.seconds >= k_late_seconds) {
    found.warn("this standby is " + seconds_text(replication.replay.seconds) + " behind",
               "look for long queries on it (max_standby_streaming_delay), or for a slow disk");
  }
  for (const auto& standby : replication.standbys) {
    if (standby.seconds < k_late_seconds && standby.bytes < k_late_bytes) continue;
    found.warn("standby " + standby.name + " is " + bytes_text(standby.bytes) + " and " +
                   seconds_text(standby.seconds) + " behind",
               "look at its log, its disk and the network to it");
  }
  for (const auto& slot : replication.slots) {
    const std::string drop =
        "if nobody needs it: select pg_drop_replication_slot(" + pg::quote_literal(slot.name) + ")";
    if (slot.wal_status == "lost") {
      found.fail("slot " + slot.name + " has lost what its standby needs",
                 "make the standby anew; " + drop);
    } else if (!slot.active && slot.bytes >= k_much_kept) {
      found.warn("slot " + slot.name + ", which nobody reads, keeps " + bytes_text(slot.bytes),
                 drop);
    }
  }
  if (!server.sees_everything) {
    found.warn("standbys cannot be seen",
               "grant pg_read_all_stats to " + pg::quote_identifier(server.role));
  }
  HealthCheck check = found.take();
  if (check.status == HealthStatus::ok) {
    check.detail =
        std::format("{} standbys, {} slots", replication.standbys.size(), replication.slots.size());
  }
  return check;
}

}  // namespace loci::storage::health
