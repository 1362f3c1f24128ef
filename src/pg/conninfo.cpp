#include "pg/conninfo.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <ranges>
#include <string_view>

namespace loci::pg {
namespace {

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
                   bool pgbouncer) {
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
    server_options += settings_options(settings) + " -c client_min_messages=warning";
  }
  if (!server_options.empty()) add("options", server_options);
  add("client_encoding", "UTF8");
  add("fallback_application_name", "loci");
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
  // PQerrorMessage() then leaves out DETAIL, which may quote row data too; results keep the field.
  PQsetErrorVerbosity(connection.get(), PQERRORS_TERSE);
  return connection;
}

void Conninfo::add(std::string keyword, std::string value) {
  pairs_.emplace_back(std::move(keyword), std::move(value));
}

}  // namespace loci::pg
