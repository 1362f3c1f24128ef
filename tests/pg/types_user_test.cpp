// Enums and composites of the user's own, one by one and inside others.
#include "pg/user_types.hpp"

namespace loci::pg {
namespace {

using namespace user;
using test::error_of;

TEST_F(UserTypes, EnumsAreTheirLabels) {
  expect_text<MoodType>(Mood::good, "mood", "good");
  EXPECT_EQ(text_of<MoodType>(Mood::bad, "mood"), "quite 'bad'");
  EXPECT_EQ(read<type::ArrayOfNullable<MoodType>>("array['good', null]::mood[]"),
            (std::vector<std::optional<Mood>>{Mood::good, std::nullopt}));
}

TEST_F(UserTypes, LabelsAndValuesOutsideTheTableAreRefused) {
  EXPECT_EQ(error_of([&] { return read<MoodType>("'new'::mood"); }).kind(), ErrorKind::protocol);
  EXPECT_EQ(test::refusal_of<MoodType>(Mood::unknown_to_the_table), ErrorKind::invalid_argument);
}

TEST_F(UserTypes, CompositesComeBackWithTheirNulls) {
  expect_echo<AddressType>(k_addresses, "address");
  EXPECT_EQ(text_of<AddressType>(k_addresses[0], "address"), R"(("Elm (St), ""x""",12,950.50))");
  EXPECT_EQ(text_of<AddressType>(k_addresses[1], "address"), "(\"\",,)");
  EXPECT_EQ(read<type::Array<AddressType>>("array[row('a', 1, null), row('b', 2, 3.0)]::address[]"),
            (std::vector<Address>{{"a", 1, std::nullopt}, {"b", 2, Decimal::parse("3.0")}}));
}

TEST_F(UserTypes, CompositesOfTypesOfTheUsersAreRead) {
  const auto person =
      read<PersonType>("row(row('Elm', 1, null), 'good', 42, array['Ada', 'A.'])::person");
  EXPECT_EQ(person.address, (Address{"Elm", 1, std::nullopt}));
  EXPECT_EQ(person.mood, Mood::good);
  EXPECT_EQ(person.age, 42);
  EXPECT_EQ(person.names, (std::vector<std::string>{"Ada", "A."}));
}

TEST_F(UserTypes, CompositesThatDoNotFitAreProtocolErrors) {
  const auto kind = [&](const char* sql) {
    return error_of([&] { return read<AddressType>(sql); }).kind();
  };
  EXPECT_EQ(kind("row('a', 1)"), ErrorKind::protocol);
  EXPECT_EQ(kind("row('a', 1, 2.0, 3)"), ErrorKind::protocol);
  EXPECT_EQ(kind("row('a', 1::float4, 2.0)"), ErrorKind::protocol);
  EXPECT_EQ(kind("row(null, 1, 2.0)::address"), ErrorKind::protocol);
}

}  // namespace
}  // namespace loci::pg
