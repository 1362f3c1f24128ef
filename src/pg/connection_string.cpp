#include <loci/pg/connection_string.hpp>

#include <loci/base/error.hpp>

#include <string_view>

#include "pg/conninfo.hpp"

namespace loci::pg {

void check_connection_string(const std::string& url) {
  (void)parse_conninfo(url);
}

ConnectionParts split_password(const std::string& url) {
  ConnectionParts parts;
  const ParsedConninfo parsed = parse_conninfo(url);
  for (const PQconninfoOption* item = parsed.get(); item->keyword != nullptr; ++item) {
    if (item->val == nullptr) continue;
    const std::string_view keyword = item->keyword;
    if (keyword == "password") {
      parts.password = item->val;
      continue;
    }
    if (*item->dispchar == '*') {
      throw Error(ErrorKind::configuration, std::string(keyword) +
                                                " in the database URL cannot be handed on safely; "
                                                "put it into a service file and use service=NAME");
    }
    parts.conninfo += parts.conninfo.empty() ? "" : " ";
    parts.conninfo += item->keyword;
    parts.conninfo += "='";
    for (const char* c = item->val; *c != '\0'; ++c) {
      if (*c == '\'' || *c == '\\') parts.conninfo += '\\';
      parts.conninfo += *c;
    }
    parts.conninfo += "'";
  }
  return parts;
}

}  // namespace loci::pg
