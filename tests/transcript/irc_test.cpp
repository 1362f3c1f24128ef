#include "transcript/irc.hpp"

#include "support/history_files.hpp"
#include "transcript/irc_log.hpp"

#include <gmock/gmock.h>

namespace loci::transcript {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view log_text =
    "[23:58] <ann> how do I mount it?\n"
    "=== bob [~b@h] has joined #ubuntu\n"
    "[23:58] <ann> anyone?\n"
    "[23:59]  * ann waits\n"
    "[00:01] <bob> ann: with mount\n"
    "[00:01] <cy>\n"
    "[00:01] <d|e> bad \xff byte\r\n";

RecordingSink read_irc(std::string_view raw, std::string_view annotation,
                       const std::string& name = "dev_2008-02-29_00") {
  const ScratchFolder folder;
  const auto file = folder.write(name + ".raw.txt", raw);
  if (!annotation.empty()) folder.write(name + ".annotation.txt", annotation);
  RecordingSink sink;
  read_irc(file, sink);
  return sink;
}

TEST(Irc, ALogIsAConversationAndAChatLineAMessage) {
  const RecordingSink sink = read_irc(log_text, "");
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.conversations[0].draft.source, "irc");
  EXPECT_EQ(sink.conversations[0].draft.source_id, "dev_2008-02-29_00");
  const auto& messages = sink.conversations[0].messages;
  ASSERT_EQ(messages.size(), 5U);
  EXPECT_EQ(messages[0].source_id, "0");
  EXPECT_EQ(messages[1].source_id, "2");
  EXPECT_EQ(messages[2].content, "ann: with mount");
  EXPECT_EQ(messages[2].metadata.text, R"({"author":"bob"})");
  EXPECT_EQ(messages[3].content, "");
  EXPECT_EQ(messages[4].content, "bad \uFFFD byte");
  EXPECT_EQ(messages[4].metadata.text, R"({"author":"d|e"})");
  EXPECT_EQ(sink.bytes, log_text.size());
  ASSERT_EQ(sink.notes().size(), 3U);
  EXPECT_EQ(sink.notes()[2].place, "line 7") << "the byte that is no text";
  EXPECT_THAT(sink.faults(), IsEmpty());
}

TEST(Irc, TheNearestAnsweredMessageIsTheParent) {
  const RecordingSink sink =
      read_irc(log_text, "0 0 -\n2 2 -\n0 4 -\n2 4 -\n1 4 -\n4 5 -\n1 1 -\n");
  const auto& messages = sink.conversations.at(0).messages;
  EXPECT_FALSE(messages[0].parent);
  EXPECT_EQ(messages[0].metadata.text, R"({"author":"ann","starts_thread":true})");
  EXPECT_EQ(messages[2].parent, "2");
  EXPECT_EQ(messages[2].metadata.text, R"({"author":"bob","replies_to":[0,1,2]})");
  EXPECT_EQ(messages[3].parent, "4");
  ASSERT_EQ(sink.notes().size(), 4U);
  EXPECT_EQ(sink.notes()[3].reason, "a reply link of a line that is no message");
}

TEST(Irc, TimeGoesOnOverMidnight) {
  const RecordingSink sink = read_irc(log_text, "4 4 -\n");
  const auto& messages = sink.conversations.at(0).messages;
  EXPECT_EQ(messages[0].created_at, parse_timestamp("2008-02-28T23:58:00Z"));
  EXPECT_EQ(messages[1].created_at, parse_timestamp("2008-02-28T23:58:00.000001Z"));
  EXPECT_EQ(messages[2].created_at, parse_timestamp("2008-02-29T00:01:00Z"));
  EXPECT_EQ(messages[4].created_at, parse_timestamp("2008-02-29T00:01:00.000002Z"));
}

TEST(Irc, AClockOfTwelveHoursIsSetRightByTheNameOfTheLog) {
  const RecordingSink sink =
      read_irc("[12:59] <a> x\n[01:00] <b> y\n[03:00] <c> z\n", "2 2 -\n", "test_2005-07-06_15");
  const auto& messages = sink.conversations.at(0).messages;
  EXPECT_EQ(messages[0].created_at, parse_timestamp("2005-07-06T12:59:00Z"));
  EXPECT_EQ(messages[2].created_at, parse_timestamp("2005-07-06T15:00:00Z"));
}

TEST(Irc, ALogWithoutDateHasNoTimes) {
  const RecordingSink sink = read_irc(log_text, "", "ubuntu");
  EXPECT_FALSE(sink.conversations.at(0).messages[0].created_at);
}

TEST(Irc, TellsBrokenLinks) {
  const RecordingSink sink = read_irc(log_text, "0 4 -\n4 99 -\nfour 5 -\n7\n\n");
  ASSERT_EQ(sink.faults().size(), 3U);
  EXPECT_EQ(sink.faults()[0].place, "links of line 100");
  EXPECT_EQ(sink.faults()[1].place, "line 3");
  EXPECT_EQ(sink.faults()[2].place, "line 4");
}

TEST(Irc, WhatIsNoLogIsAFault) {
  EXPECT_EQ(read_irc("", "").faults().size(), 1U);
  EXPECT_EQ(read_irc("hello\n=== x joins\n", "").faults().size(), 1U);
  RecordingSink sink;
  read_irc("no/such/file.raw.txt", sink);
  EXPECT_EQ(sink.faults().size(), 1U);
}

TEST(IrcLine, IsAMessageOnlyWithAClockAndANick) {
  EXPECT_EQ(read_irc_line("[12:05] <a> b").kind, IrcLine::Kind::message);
  EXPECT_EQ(read_irc_line("[12:05] <a>").kind, IrcLine::Kind::message);
  EXPECT_EQ(read_irc_line("[12:05]  * a b").kind, IrcLine::Kind::action);
  EXPECT_EQ(read_irc_line("[12:05] <a").kind, IrcLine::Kind::action);
  EXPECT_EQ(read_irc_line("[25:05] <a> b").kind, IrcLine::Kind::system);
  EXPECT_EQ(read_irc_line("[1:05] <a> b").kind, IrcLine::Kind::system);
  EXPECT_EQ(read_irc_line("").kind, IrcLine::Kind::system);
}

TEST(IrcClock, FallsBackByHalfDaysAndIgnoresSmallSteps) {
  IrcClock clock;
  EXPECT_EQ(clock.advance(11h + 59min), 11h + 59min);
  EXPECT_EQ(clock.advance(11h + 58min), 11h + 59min);
  EXPECT_EQ(clock.advance(12h + 30min), 12h + 30min);
  EXPECT_EQ(clock.advance(1h), 13h);
  EXPECT_EQ(clock.advance(0h), 13h) << "set back by an hour";
  EXPECT_EQ(clock.advance(12h), 24h);
}

TEST(IrcClock, FindsTheDayOfTwentyFourHours) {
  IrcClock clock;
  EXPECT_EQ(clock.advance(23h + 59min), 23h + 59min);
  EXPECT_EQ(clock.advance(0h), 24h);
  EXPECT_EQ(clock.advance(13h), 37h);
}

class IrcFiles : public testing::Test {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << "no " << folder_;
  }
  std::filesystem::path folder_ = shared_data("irc");
};

// Of the 40,341 links 28,186 are between two messages, 52 answer a line that is no message, 4,570
// say that a message starts a thread, and 7,533 are of lines that are no messages.
TEST_F(IrcFiles, HasAllMessagesAndLinks) {
  std::size_t logs = 0;
  std::size_t messages = 0;
  std::size_t parents = 0;
  std::size_t answered = 0;
  std::size_t starts = 0;
  std::size_t of_no_message = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (!entry.path().string().ends_with(".raw.txt")) continue;
    RecordingSink sink;
    read_irc(entry.path(), sink);
    ASSERT_EQ(sink.conversations.size(), 1U);
    ASSERT_THAT(sink.faults(), IsEmpty());
    ++logs;
    std::optional<Timestamp> last;
    for (const MessageDraft& message : sink.conversations[0].messages) {
      ++messages;
      parents += message.parent ? 1U : 0U;
      const auto metadata = JsonDocument::parse(message.metadata.text);
      answered += metadata.root()["replies_to"].size();
      starts += metadata.root()["starts_thread"].exists() ? 1U : 0U;
      ASSERT_TRUE(message.created_at);
      ASSERT_TRUE(!last || *last < *message.created_at) << entry.path();
      last = message.created_at;
    }
    of_no_message += static_cast<std::size_t>(
        std::ranges::count(sink.skips, "a reply link of a line that is no message", &Skip::reason));
  }
  EXPECT_EQ(logs, 80U);
  EXPECT_EQ(messages, 97'494U);
  EXPECT_EQ(parents, 27'084U);
  EXPECT_EQ(answered, 28'186U + 52U);
  EXPECT_EQ(starts, 4'570U);
  EXPECT_EQ(of_no_message, 7'533U);
  EXPECT_EQ(answered + starts + of_no_message, 40'341U);
}

}  // namespace
}  // namespace loci::transcript
