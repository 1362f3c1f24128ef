#include <loci/pg/quote.hpp>

#include <gtest/gtest.h>
#include <loci/base/error.hpp>
#include <string>
#include <vector>

#include "support/database.hpp"

namespace loci::pg {
namespace {

using test::soon;

template <class Refused>
void expect_refused(Refused refused) {
  try {
    refused();
    FAIL() << "was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  }
}

TEST(QuoteIdentifier, DoublesQuotesAndKeepsCase) {
  EXPECT_EQ(quote_identifier("Mixed"), "\"Mixed\"");
  EXPECT_EQ(quote_identifier("a\"b"), "\"a\"\"b\"");
}

TEST(QuoteIdentifier, RefusesWhatTheServerWouldCutOrCannotHold) {
  EXPECT_EQ(quote_identifier(std::string(63, 'x')).size(), 65U);
  expect_refused([] { (void)quote_identifier(""); });
  expect_refused([] { (void)quote_identifier(std::string(64, 'x')); });
  expect_refused([] { (void)quote_identifier(std::string_view("a\0b", 3)); });
}

TEST(QuoteLiteral, RefusesNul) {
  expect_refused([] { (void)quote_literal(std::string_view("a\0b", 3)); });
}

TEST(Quote, TheServerReadsBackWhatWasQuoted) {
  const std::vector<std::string> nasty = {
      "plain", "it's",     "back\\slash", "\\'; drop table t; --", "\"", "''",  "$1",
      "$$",    "\xC3\xA9", "tab\there",   "line\nbreak",           " ",  "E'x'"};
  test::Database db;
  for (const std::string standard_conforming : {"on", "off"}) {
    std::string check = "set standard_conforming_strings = " + standard_conforming + ";";
    for (const std::string& text : nasty) {
      std::string hex;
      for (const char c : text) {
        constexpr char digits[] = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c);
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
      }
      // Division by zero when the server understood anything else; a column carries the name.
      check += "select 1 / (case when convert_to(" + quote_literal(text) + ",'UTF8') = decode('" +
               hex + "','hex') then 1 else 0 end) as " + quote_identifier(text) + ";";
    }
    EXPECT_NO_THROW(db.script(check)) << standard_conforming;
  }
}

}  // namespace
}  // namespace loci::pg
