#include <gmock/gmock.h>

#include "app/loci.hpp"
#include "support/history_files.hpp"

namespace loci::app {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Two conversations of four messages on an apple; what each says ends with its own name.
class SearchFilters : public testing::Test {
protected:
  void SetUp() override {
    const transcript::ScratchFolder folder;
    const auto file = folder.write("apples.jsonl", conversation("spring", "2024-03-01") +
                                                       conversation("autumn", "2024-10-01"));
    ASSERT_EQ(loci_({"import", "-q", file.string()}).code, 0);
  }

  static std::string conversation(const std::string& name, const std::string& day) {
    std::string messages;
    for (const std::string role : {"system", "user", "assistant", "tool"}) {
      messages += (messages.empty() ? "" : ",") + std::string(R"({"role":")") + role +
                  R"(","content":"apple )" + name + "-" + role + R"(","timestamp":")" + day +
                  R"(T12:00:00Z"})";
    }
    return R"({"id":"conversation-of-)" + name + R"(","messages":[)" + messages + "]}\n";
  }

  // Who was found, as "spring-user".
  std::vector<std::string> found(Words options) const {
    options.insert(options.begin(), {"search", "--json", "--limit", "50"});
    options.emplace_back("apple");
    const ProgramEnd end = loci_(options);
    EXPECT_EQ(end.code, 0) << end.err;
    std::vector<std::string> names;
    const JsonDocument answer = json_of(end);
    for (const Json hit : answer.root()["hits"]) {
      names.push_back(loci_.value("select split_part(content, ' ', 2) from messages where id = '" +
                                  hit["message_id"].string_or("") + "'"));
    }
    return names;
  }

  std::string id_of(const std::string& name) const {
    return loci_.value("select id from conversations where source_id = 'conversation-of-" + name +
                       "'");
  }

  LociOnDatabase loci_;
};

TEST_F(SearchFilters, WithoutAnyEverythingIsFound) {
  EXPECT_EQ(found({}).size(), 8U);
}

TEST_F(SearchFilters, RoleKeepsWhoSpoke) {
  EXPECT_THAT(found({"--role", "assistant"}),
              UnorderedElementsAre("spring-assistant", "autumn-assistant"));
}

TEST_F(SearchFilters, SinceAndUntilKeepATime) {
  EXPECT_THAT(found({"--role", "user", "--since", "2024-06-01"}),
              UnorderedElementsAre("autumn-user"));
  EXPECT_THAT(found({"--role", "user", "--until", "2024-06-01"}),
              UnorderedElementsAre("spring-user"));
  EXPECT_THAT(found({"--since", "2024-03-02", "--until", "2024-09-30T23:59:59Z"}), IsEmpty());
}

TEST_F(SearchFilters, SinceTakesItsOwnMomentAndUntilDoesNot) {
  const std::string noon = "2024-10-01T12:00:00Z";
  EXPECT_THAT(found({"--role", "tool", "--since", noon}), UnorderedElementsAre("autumn-tool"));
  EXPECT_THAT(found({"--role", "tool", "--until", noon}), UnorderedElementsAre("spring-tool"));
}

TEST_F(SearchFilters, ConversationKeepsOne) {
  EXPECT_THAT(
      found({"--conversation", id_of("spring")}),
      UnorderedElementsAre("spring-system", "spring-user", "spring-assistant", "spring-tool"));
}

TEST_F(SearchFilters, TogetherKeepWhatAllOfThemKeep) {
  const Words all{"--conversation", id_of("autumn"), "--role",  "user",
                  "--since",        "2024-09-01",    "--until", "2024-11-01"};
  EXPECT_THAT(found(all), UnorderedElementsAre("autumn-user"));
}

}  // namespace
}  // namespace loci::app
