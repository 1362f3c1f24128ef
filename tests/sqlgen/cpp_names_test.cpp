#include "sqlgen/cpp_names.hpp"

#include <gmock/gmock.h>

namespace loci::sqlgen {
namespace {

TEST(CppNames, MembersAvoidKeywordsAndWhatEveryStructHas) {
  EXPECT_EQ(member_name("title"), "title");
  EXPECT_EQ(member_name("class"), "class_");
  EXPECT_EQ(member_name("bind"), "bind_");
  EXPECT_EQ(member_name("Uuid"), "Uuid_");
  EXPECT_EQ(member_name("a-b c"), "a_b_c");
  EXPECT_EQ(member_name("1st"), "column_1st");
  EXPECT_EQ(member_name(""), "column_");
  EXPECT_EQ(member_name("errno"), "errno_");
  EXPECT_EQ(member_name("1st", "value_"), "value_1st");
}

TEST(CppNames, QueriesBecomeFunctions) {
  EXPECT_EQ(snake_case("GetUser"), "get_user");
  EXPECT_EQ(snake_case("GetURLOf2Users"), "get_url_of2_users");
  EXPECT_EQ(snake_case("A"), "a");
}

TEST(CppNames, RepeatedNamesAreCounted) {
  EXPECT_THAT(made_unique(std::vector<std::string>{"a", "a", "b", "a", "a_2"}),
              testing::ElementsAre("a", "a_2", "b", "a_3", "a_2_2"));
}

TEST(CppNames, TablesBecomeStructs) {
  EXPECT_EQ(camel_case(singular("tool_executions")), "ToolExecution");
  EXPECT_EQ(camel_case(singular("memories")), "Memory");
  EXPECT_EQ(camel_case(singular("boxes")), "Box");
  EXPECT_EQ(camel_case(singular("order_statuses")), "OrderStatus");
  EXPECT_EQ(camel_case(singular("address")), "Address");
  EXPECT_EQ(camel_case(singular("s")), "S");
  EXPECT_EQ(camel_case("2nd"), "Table2nd");
}

TEST(CppNames, QueriesAreCalledByAnyIdentifier) {
  for (const char* name : {"GetUser2", "getUser", "get_user", "_get"}) {
    EXPECT_TRUE(is_query_name(name)) << name;
  }
  for (const char* name : {"", "_", "2nd", "_2nd", "get-user", "get user"}) {
    EXPECT_FALSE(is_query_name(name)) << name;
  }
  for (const char* name : {"GetUser2", "getUser2", "get_user2", "_get_User2"}) {
    EXPECT_EQ(camel_case(name), "GetUser2");
  }
}

}  // namespace
}  // namespace loci::sqlgen
