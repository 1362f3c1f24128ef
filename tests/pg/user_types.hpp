#pragma once
#include <loci/pg/types/composite.hpp>
#include <loci/pg/types/enumeration.hpp>
#include <loci/pg/types/named.hpp>
#include <loci/pg/types/numeric.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/types_fixture.hpp"

/// Types that a user makes, in the database and as C++ knows them.
namespace loci::pg::user {

enum class Mood : std::uint8_t { good, bad, unknown_to_the_table };
inline constexpr std::array k_moods{type::EnumLabel{Mood::good, "good"},
                                    type::EnumLabel{Mood::bad, "quite 'bad'"}};
using MoodType = type::Enum<k_moods>;
using NamedMood = type::Named<"mood", MoodType>;

struct Address {
  std::string street;
  std::optional<std::int32_t> number;
  std::optional<Decimal> rent;
  bool operator==(const Address&) const = default;
};
using AddressType = type::Composite<Address, type::Field<&Address::street, type::Text>,
                                    type::Field<&Address::number, type::Int4>,
                                    type::Field<&Address::rent, type::Numeric>>;

using NamedAddress = type::Named<"public.address", AddressType>;

struct Person {
  Address address;
  std::optional<Mood> mood;
  std::int32_t age = 0;
  std::vector<std::string> names;
  bool operator==(const Person&) const = default;
};
using PersonType =
    type::Composite<Person, type::Field<&Person::address, AddressType>,
                    type::Field<&Person::mood, MoodType>, type::Field<&Person::age, type::Int4>,
                    type::Field<&Person::names, type::Array<type::Text>>>;

// As the server wants it, for it takes no type for another.
using NamesType = type::Array<type::Named<"varchar", type::Text>>;
using SentPerson =
    type::Composite<Person, type::Field<&Person::address, NamedAddress>,
                    type::Field<&Person::mood, NamedMood>,
                    type::Field<&Person::age, type::Named<"age", type::Int4>>,
                    type::Field<&Person::names, type::Named<"varchar[]", NamesType>>>;
using NamedPerson = type::Named<"person", SentPerson>;

inline const std::vector<Address> k_addresses{{"Elm (St), \"x\"", 12, Decimal::parse("950.50")},
                                              {"", std::nullopt, std::nullopt}};

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

}  // namespace loci::pg::user
