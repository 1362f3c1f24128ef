// Any bytes as a filter: read or refused; what was read and fits its record becomes SQL without a
// trace of the bytes, and is answered by the matcher.
#include <loci/base/error.hpp>
#include <loci/storage/filter.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/filter_match.hpp"
#include "storage/filter_sql.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loci::storage;
  try {
    const Filter filter = check_filter<Memory>(
        parse_filter(std::string_view(reinterpret_cast<const char*>(data), size)));
    SelectText statement{.sql = "where true"};
    add_filter(statement, filter, &declared_field<Memory>);
    for (const char c : statement.sql) {
      if (c < ' ' || c > '~' || c == ';' || c == '\\') __builtin_trap();
    }
    Memory memory;
    memory.metadata = {R"({"a": {"b": [1, "x"]}, "n": 1.50})"};
    (void)matches(filter, memory);
  } catch (const loci::Error& error) {
    if (error.kind() != loci::ErrorKind::invalid_argument) __builtin_trap();
  }
  return 0;
}
