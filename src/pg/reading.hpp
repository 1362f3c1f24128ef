#pragma once
#include <loci/pg/copy_out.hpp>
#include <loci/pg/stream.hpp>

#include <optional>
#include <string>

#include "pg/connection.hpp"
#include "pg/copy_reader.hpp"

namespace loci::pg {

/// A result or a COPY that is being read piece by piece. It holds its connection: destroyed before
/// the end has been read, it leaves the connection broken (law one).
struct Reading {
  Reading(Connection& from, std::string query, Deadline until)
      : connection(from), name(std::move(query)), deadline(until), flight(std::in_place, from) {}

  [[nodiscard]] bool over() const noexcept { return !flight; }
  void landed() {
    flight->landed();
    flight.reset();
  }

  Connection& connection;
  const std::string name;
  const Deadline deadline;
  const Connection::Clock::time_point since = Connection::Clock::now();
  bool writes = false;
  std::optional<Connection::InFlight> flight;  // until the end
  Connection::Batch batch;                     // of a stream
  std::optional<Result> first;                 // of a stream: read when it was opened
  CopyReader rows;                             // of a COPY
};

}  // namespace loci::pg
