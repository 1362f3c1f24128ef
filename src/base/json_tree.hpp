#pragma once
#include <loci/base/json.hpp>

#include <simdjson.h>
#include <vector>

namespace loci::detail {

/// One value of a document, found once.
struct JsonNode {
  std::string_view raw;
  std::string_view key;  // without quotes, still escaped
  std::uint32_t first_child = 0;
  std::uint32_t next = 0;
  std::uint32_t children = 0;
  Json::Kind kind = Json::Kind::missing;
};

/// Node 0 is the missing value and the end of every list; node 1 is the root.
struct JsonTree {
  simdjson::padded_string text;
  std::vector<JsonNode> nodes;
};

}  // namespace loci::detail
