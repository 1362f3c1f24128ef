#include "pg/conninfo.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <ranges>
#include <string_view>

namespace loci::pg {
namespace {

constexpr const char* k_usual_port = "5432";

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

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// A path or an abstract socket; an empty name is libpq's default, a socket too.
bool is_socket(std::string_view host) {
  return host.empty() || host.starts_with('/') || host.starts_with('@');
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// What libpq will go by, the environment and a service file included. The connection fails before
// it touches the network: no server has such attributes.
class Resolved {
public:
  explicit Resolved(const std::string& text) {
    constexpr std::array<const char*, 3> keywords{"dbname", "target_session_attrs", nullptr};
    const std::array<const char*, 3> values{text.c_str(), "none, for none is wanted", nullptr};
    const PgConnPtr never(PQconnectStartParams(keywords.data(), values.data(), 1));
    parsed_.reset(PQconninfo(never.get()));
  }
  [[nodiscard]] std::string_view value(std::string_view keyword) const {
    for (const PQconninfoOption* item = parsed_.get(); item != nullptr && item->keyword != nullptr;
         ++item) {
      if (item->keyword == keyword) return item->val == nullptr ? "" : item->val;
    }
    return {};
  }

private:
  ParsedConninfo parsed_;
};

std::vector<std::string_view> parts(std::string_view list) {
  std::vector<std::string_view> made;
  for (const auto part : std::views::split(list, ',')) made.emplace_back(part);
  return made;
}

// Where a host has an address besides, libpq connects to that.
bool leaves_this_machine(std::string_view hosts, std::string_view addresses) {
  const std::vector<std::string_view> names = parts(hosts);
  const std::vector<std::string_view> numbers = parts(addresses);
  for (std::size_t i = 0; i < std::max(names.size(), numbers.size()); ++i) {
    const bool numbered = i < numbers.size() && !numbers[i].empty();
    const std::string_view host = numbered ? numbers[i] : i < names.size() ? names[i] : "";
    if (!is_socket(host) && !is_loopback(host)) return true;
  }
  return false;
}

}  // namespace

ParsedConninfo parse_conninfo(const std::string& text) {
  char* message = nullptr;
  ParsedConninfo parsed(PQconninfoParse(text.c_str(), &message));
  if (!parsed) {
    PQfreemem(message);  // it may quote the string
    throw Error(
        ErrorKind::configuration,
        "the database URL cannot be read: it is neither postgresql://... nor key=value pairs");
  }
  return parsed;
}

Conninfo::Conninfo(const std::string& text, const std::map<std::string, std::string>& settings,
                   const ConninfoDefaults& defaults, bool pgbouncer) {
  const ParsedConninfo parsed = parse_conninfo(text);
  std::string server_options = environment("PGOPTIONS");
  std::string hosts = environment("PGHOST");
  bool elsewhere = !environment("PGSERVICE").empty() || !environment("PGHOSTADDR").empty();
  for (const PQconninfoOption* item = parsed.get(); item->keyword != nullptr; ++item) {
    if (item->val == nullptr) continue;
    const std::string_view keyword = item->keyword;
    if (keyword == "host") hosts = item->val;
    elsewhere = elsewhere || keyword == "service" || keyword == "hostaddr";
    if (keyword == "options") {
      server_options = item->val;
    } else {
      add(item->keyword, item->val);
    }
  }
  may_block_ = elsewhere || !std::ranges::all_of(std::views::split(hosts, ','), [](auto host) {
                 return is_socket(std::string_view(host));
               });
  if (!pgbouncer) {
    // The last one that sets a thing wins.
    server_options = settings_options(defaults.settings) + " " + server_options +
                     settings_options(settings) + " -c client_min_messages=warning";
  }
  if (!server_options.empty()) add("options", server_options);
  const Resolved resolved(text);
  // "prefer" is what libpq says when nobody has said anything.
  const std::string_view sslmode = resolved.value("sslmode");
  const bool told = (sslmode != "prefer" && !sslmode.empty()) || !value("sslmode").empty() ||
                    !environment("PGSSLMODE").empty();
  if (!told && leaves_this_machine(resolved.value("host"), resolved.value("hostaddr"))) {
    add("sslmode", "verify-full");
  }
  list_servers(resolved.value("host"), resolved.value("hostaddr"), resolved.value("port"));
  const auto add_unless_told = [&](const char* keyword, std::int64_t number) {
    if (resolved.value(keyword).empty()) add(keyword, std::to_string(number));
  };
  // The first keepalive after two fifths of the time, then three more, each a fifth of it apart.
  const std::int64_t seconds = defaults.dead_peer_timeout.count();
  if (seconds > 0) {
    const std::int64_t interval = std::max<std::int64_t>(seconds / 5, 1);
    add_unless_told("keepalives_idle", std::max<std::int64_t>(seconds - 3 * interval, 1));
    add_unless_told("keepalives_interval", interval);
    add_unless_told("keepalives_count", 3);
    add_unless_told("tcp_user_timeout", seconds * 1000);
  }
  add("client_encoding", "UTF8");
  add("fallback_application_name", "loci");
}

// libpq's rules: as many servers as there are names or addresses, and one port for all or one each.
void Conninfo::list_servers(std::string_view hosts, std::string_view addresses,
                            std::string_view ports) {
  const std::vector<std::string_view> names = parts(hosts);
  const std::vector<std::string_view> numbers = parts(addresses);
  const std::vector<std::string_view> doors = parts(ports);
  const auto at = [](const std::vector<std::string_view>& list, std::size_t i) {
    return std::string(i < list.size() ? list[i] : "");
  };
  for (std::size_t i = 0; i < std::max<std::size_t>({names.size(), numbers.size(), 1}); ++i) {
    servers_.push_back({at(names, i), at(numbers, i), at(doors, doors.size() == 1 ? 0 : i)});
  }
}

bool Conninfo::strike(const PGconn* connection) {
  const std::string_view host = PQhost(connection);
  const std::string_view port = PQport(connection);
  const auto named = [&](const Server& each) {
    const std::string_view name = each.host.empty() ? each.address : each.host;
    return name == host && (each.port.empty() ? k_usual_port : each.port) == port;
  };
  // Several may go by one name, and an address may be written in several ways.
  auto found = std::ranges::find_if(servers_, [&](const Server& each) {
    return named(each) && each.address == PQhostaddr(connection);
  });
  if (found == servers_.end()) found = std::ranges::find_if(servers_, named);
  if (servers_.size() < 2 || found == servers_.end()) return false;
  servers_.erase(found);
  const auto relist = [this](const char* keyword, std::string Server::* part) {
    std::string text;
    for (const Server& each : servers_) text += (&each == servers_.data() ? "" : ",") + each.*part;
    std::erase_if(pairs_, [keyword](const auto& pair) { return pair.first == keyword; });
    if (text.find_first_not_of(',') != std::string::npos) add(keyword, text);
  };
  relist("host", &Server::host);
  relist("hostaddr", &Server::address);
  relist("port", &Server::port);
  return true;
}

PgConnPtr Conninfo::start(const StartConnect& start) const {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : pairs_) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  PgConnPtr connection(start ? start(keywords.data(), values.data())
                             : PQconnectStartParams(keywords.data(), values.data(), 0));
  // Notices may quote row data; nothing of them is kept.
  PQsetNoticeReceiver(connection.get(), [](void*, const PGresult*) {}, nullptr);
  // So that a refusal tells its SQLSTATE; what comes before the first row holds no data.
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  return connection;
}

std::string_view Conninfo::value(std::string_view keyword) const noexcept {
  const auto last_first = std::views::reverse(pairs_);  // libpq takes the last
  const auto found =
      std::ranges::find(last_first, keyword, &std::pair<std::string, std::string>::first);
  return found == last_first.end() ? std::string_view() : std::string_view(found->second);
}

void Conninfo::add(std::string keyword, std::string value) {
  pairs_.emplace_back(std::move(keyword), std::move(value));
}

}  // namespace loci::pg
