#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "pg/connection.hpp"

namespace loci::pg {

namespace asio = boost::asio;

namespace {

struct InfoDeleter {
  void operator()(PQconninfoOption* info) const noexcept { PQconninfoFree(info); }
};

// Settings as libpq's `options` wants them: spaces and backslashes escaped.
std::string settings_options(const std::map<std::string, std::string>& settings) {
  std::string text;
  for (const auto& [name, value] : settings) {
    text += " -c ";
    for (const char c : name + "=" + value) {
      if (c == ' ' || c == '\\') text += '\\';
      text += c;
    }
  }
  return text;
}

// The connection string's parts, with our own beside them.
class Keywords {
public:
  explicit Keywords(const Connection::Options& options) {
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, InfoDeleter> parsed(
        PQconninfoParse(options.conninfo.c_str(), &message));
    if (!parsed) {
      // libpq's text may quote the string, which may hold a password.
      PQfreemem(message);
      throw Error(ErrorKind::configuration,
                  "the database URL cannot be read: it is neither postgresql://... nor key=value pairs");
    }
    std::string server_options;
    for (const PQconninfoOption* item = parsed.get(); item->keyword != nullptr; ++item) {
      if (item->val == nullptr) continue;
      if (std::string_view(item->keyword) == "options") {
        server_options = item->val;
      } else {
        add(item->keyword, item->val);
      }
    }
    add("options", server_options + settings_options(options.settings) +
                       " -c client_min_messages=warning");
    add("client_encoding", "UTF8");
    add("fallback_application_name", "loci");
  }

  [[nodiscard]] PgConnPtr start() const {
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : pairs_) {
      keywords.push_back(keyword.c_str());
      values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    return PgConnPtr(PQconnectStartParams(keywords.data(), values.data(), 0));
  }

private:
  void add(std::string keyword, std::string value) {
    pairs_.emplace_back(std::move(keyword), std::move(value));
  }
  std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace

asio::awaitable<std::unique_ptr<Connection>> Connection::open(asio::any_io_executor executor,
                                                              Options options,
                                                              std::shared_ptr<ExtensionTypes> types,
                                                              Deadline deadline) {
  const asio::any_io_executor strand = asio::make_strand(executor);
  std::unique_ptr<Connection> connection(new Connection(strand, std::move(types)));
  try {
    co_await asio::co_spawn(strand, connection->handshake(std::move(options), deadline),
                            asio::use_awaitable);
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorKind::cancelled, std::string("connect: ") + error.what());
  }
  co_return connection;
}

asio::awaitable<void> Connection::handshake(Options options, Deadline deadline) {
  const Keywords keywords(options);
  connection_ = keywords.start();
  if (!connection_ || PQstatus(connection_.get()) == CONNECTION_BAD) {
    throw Error(ErrorKind::connect, connection_message(connection_.get()));
  }
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    // libpq may have replaced its socket under the same number: watch anew each time (F6).
    waiter_.watch(PQsocket(connection_.get()));
    const Want want = state == PGRES_POLLING_READING ? Want::read : Want::write;
    if (!co_await waiter_.wait(want, deadline)) {
      throw Error(ErrorKind::timeout, "no connection by the deadline");
    }
    state = PQconnectPoll(connection_.get());
    if (state == PGRES_POLLING_FAILED) {
      throw Error(ErrorKind::connect, connection_message(connection_.get()));
    }
  }
  waiter_.watch(PQsocket(connection_.get()));
  // Notices may quote row data; nothing of them is kept.
  PQsetNoticeReceiver(connection_.get(), [](void*, const PGresult*) {}, nullptr);
  if (PQsetnonblocking(connection_.get(), 1) != 0) lost();
  enter_pipeline();
}

asio::awaitable<void> Connection::learn_extension_types(Deadline deadline) {
  constexpr Statement lookup{
      .name = "LearnExtensionTypes",
      .sql = "select t.typname::text, t.oid from pg_catalog.pg_type t "
             "join pg_catalog.pg_extension e on e.extnamespace = t.typnamespace "
             "where e.extname = 'vector' and t.typname in ('vector', 'halfvec', 'sparsevec')",
      .lane = Lane::shared};
  std::vector<Request> requests(1);
  requests[0].statement = lookup;
  const std::vector<Result> results = co_await attempt(requests, deadline, {});
  results[0].check();
  std::unordered_map<std::string, std::uint32_t> oids;
  for (std::size_t i = 0; i < results[0].rows(); ++i) {
    const RowView row = results[0].row(i);
    oids.emplace(row.get<type::Text>(0), row.get<type::Oid>(1));
  }
  types_->learn(std::move(oids));
}

void Connection::fill_types(Params& params) const {
  for (const Encoder::OpenType& open : params.encoder().open_types()) {
    params.encoder().overwrite(open.at, types_->oid(open.extension));
  }
}

bool ExtensionTypes::known() const {
  const std::scoped_lock lock(mutex_);
  return known_;
}

std::uint32_t ExtensionTypes::oid(TypeId::Extension extension) const {
  constexpr std::array<const char*, 4> names{"", "vector", "halfvec", "sparsevec"};
  const char* name = names[static_cast<std::size_t>(extension)];
  const std::scoped_lock lock(mutex_);
  const auto found = oids_.find(name);
  if (found == oids_.end()) {
    throw Error(ErrorKind::configuration,
                std::string("the database has no type ") + name +
                    ": an administrator has to run `create extension vector` in it");
  }
  return found->second;
}

void ExtensionTypes::learn(std::unordered_map<std::string, std::uint32_t> oids) {
  const std::scoped_lock lock(mutex_);
  oids_ = std::move(oids);
  known_ = !oids_.empty();  // an empty database may get the extension later
}

}  // namespace loci::pg
