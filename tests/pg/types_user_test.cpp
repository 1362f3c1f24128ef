#include <loci/pg/types/composite.hpp>
#include <loci/pg/types/enumeration.hpp>
#include <loci/pg/types/numeric.hpp>

#include <array>

#include "pg/types_fixture.hpp"

namespace loci::pg {
namespace {

using test::error_of;

enum class Mood : std::uint8_t { good, bad, unknown_to_the_table };
constexpr std::array k_moods{type::EnumLabel{Mood::good, "good"},
                             type::EnumLabel{Mood::bad, "quite 'bad'"}};
using MoodType = type::Enum<k_moods>;

struct Address {
  std::string street;
  std::optional<std::int32_t> number;
  std::optional<Decimal> rent;
  bool operator==(const Address&) const = default;
};
using AddressType = type::Composite<Address, type::Field<&Address::street, type::Text>,
                                    type::Field<&Address::number, type::Int4>,
                                    type::Field<&Address::rent, type::Numeric>>;

struct Person {
  Address address;
  std::optional<Mood> mood;
  std::int32_t age = 0;
  std::vector<std::string> names;
};
using PersonType =
    type::Composite<Person, type::Field<&Person::address, AddressType>,
                    type::Field<&Person::mood, MoodType>, type::Field<&Person::age, type::Int4>,
                    type::Field<&Person::names, type::Array<type::Text>>>;

struct UserTypes : test::TypesFixture {
  static void SetUpTestSuite() {
    TypesFixture::SetUpTestSuite();
    shared->script(
        "create type mood as enum ('good', 'quite ''bad''', 'new');"
        "create type address as (street text, number int4, rent numeric);"
        "create domain age as int4;"
        "create type person as (address address, mood mood, age age, names varchar[])");
  }
};

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
  const std::vector<Address> addresses{{"Elm (St), \"x\"", 12, Decimal::parse("950.50")},
                                       {"", std::nullopt, std::nullopt}};
  expect_echo<AddressType>(addresses, "address");
  EXPECT_EQ(text_of<AddressType>(addresses[0], "address"), R"(("Elm (St), ""x""",12,950.50))");
  EXPECT_EQ(text_of<AddressType>(addresses[1], "address"), "(\"\",,)");
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
