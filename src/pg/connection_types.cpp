// OIDs of types that go by name: asked for when a statement or a COPY first needs them.
#include <string>

#include "pg/connection_guard.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

constexpr Statement k_lookup{
    .name = "LearnTypes",
    .sql =
        "select case when w.extension = '' then pg_catalog.to_regtype(w.name)::oid "
        "else (select t.oid from pg_catalog.pg_extension e join pg_catalog.pg_type t "
        "on t.typnamespace = e.extnamespace and t.typname = w.name "
        "where e.extname = w.extension) end "
        "from unnest($1::text[], $2::text[]) with ordinality w (extension, name, place) "
        "order by w.place",
    .lane = Lane::shared};

[[noreturn]] void missing(const TypeId& type) {
  throw Error(ErrorKind::configuration,
              "the database has no type " + std::string(type.name) +
                  (type.extension.empty()
                       ? std::string(" on its search path: create it, or name its schema")
                       : ": an administrator has to run `create extension " +
                             std::string(type.extension) + "` in it"));
}

}  // namespace

asio::awaitable<std::vector<KnownType>> Connection::know_types(std::vector<TypeId> types,
                                                               Deadline deadline) {
  return guarded(know_types_here(std::move(types), deadline), "LearnTypes", false);
}

asio::awaitable<std::vector<KnownType>> Connection::know_types_here(std::vector<TypeId> types,
                                                                    Deadline deadline) {
  std::vector<KnownType> known;
  for (const TypeId& type : types) {
    for (auto oid = types_->find(type);; oid = types_->find(type)) {
      if (!oid) {
        co_await learn_types(types, deadline);
      } else {
        known.push_back({type, *oid});
        break;
      }
    }
  }
  co_return known;
}

// Errors: Error{configuration} when the database lacks one of them.
asio::awaitable<void> Connection::learn_types(std::vector<TypeId> types, Deadline deadline) {
  std::vector<std::string> extensions;
  std::vector<std::string> names;
  for (const TypeId& type : types) {
    extensions.emplace_back(type.extension);
    names.emplace_back(type.name);
  }
  std::vector<Request> requests(1);
  requests[0].statement = k_lookup;
  requests[0].params.add<type::Array<type::Text>>(extensions);
  requests[0].params.add<type::Array<type::Text>>(names);
  const std::vector<Result> results = co_await attempt(requests, deadline, {});
  results[0].check();
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto oid = results[0].row(i).get_optional<type::Oid>(0);
    if (!oid) missing(types[i]);
    types_->learn({types[i], *oid});
  }
}

}  // namespace loci::pg
