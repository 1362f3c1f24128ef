#include "transcript/detect.hpp"
#include "support/history_files.hpp"

#include <gmock/gmock.h>
#include <zip.h>

namespace loci::transcript {
namespace {

using testing::HasSubstr;

constexpr const char* chat = R"({"messages":[{"role":"user","content":"Why?"}]})";
constexpr const char* claude_chat =
    R"({"uuid":"c1","name":"n","chat_messages":[{"uuid":"m1","sender":"human","text":"Hi"}]})";

std::optional<Format> look(const char* json) {
  return sniff(JsonDocument::parse(json).root());
}

void write_zip(const std::filesystem::path& path,
               std::initializer_list<std::pair<const char*, std::string_view>> members) {
  int error = 0;
  zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
  ASSERT_NE(zip, nullptr);
  for (const auto& [name, bytes] : members) {
    zip_source_t* source = zip_source_buffer(zip, bytes.data(), bytes.size(), 0);
    ASSERT_GE(zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8), 0);
  }
  ASSERT_EQ(zip_close(zip), 0);
}

TEST(Format, NamesAreReadBack) {
  for (int i = 0; i <= static_cast<int>(Format::loci); ++i) {
    const auto format = static_cast<Format>(i);
    EXPECT_EQ(parse_format(to_string(format)), format);
  }
  EXPECT_EQ(to_string(Format::claude_code), "claude-code");
  EXPECT_EQ(parse_format("word"), std::nullopt);
}

TEST(Detect, KnowsEachFormatByOneRecord) {
  EXPECT_EQ(look(R"({"mapping":{}})"), Format::chatgpt);
  EXPECT_EQ(look(claude_chat), Format::claude);
  EXPECT_EQ(look(R"({"type":"summary","summary":"s","leafUuid":"x"})"), Format::claude_code);
  EXPECT_EQ(look(R"({"type":"user","sessionId":"s","message":{"role":"user"},"uuid":"u"})"),
            Format::claude_code);
  EXPECT_EQ(look(R"({"timestamp":"t","type":"session_meta","payload":{}})"), Format::codex);
  EXPECT_EQ(look(chat), Format::openai);
  EXPECT_EQ(look(R"([{"role":"user","content":"x"}])"), Format::openai);
  EXPECT_EQ(look(R"({"role":"user","content":"x"})"), Format::openai);
  EXPECT_EQ(look(R"({"conversations":[{"from":"human","value":"x"}]})"), Format::sharegpt);
  EXPECT_EQ(look(R"({"message_tree_id":"t","prompt":{}})"), Format::oasst);
  EXPECT_EQ(look(R"({"message_id":"m","parent_id":null,"role":"prompter","text":""})"),
            Format::oasst);
  EXPECT_EQ(look(R"({"loci":1,"type":"conversation"})"), Format::loci);
}

TEST(Detect, ClaimsNothingItDoesNotKnow) {
  EXPECT_EQ(look(R"({"name":"package","version":"1.0"})"), std::nullopt);
  EXPECT_EQ(look(R"({"messages":[]})"), std::nullopt);
  EXPECT_EQ(look("[]"), std::nullopt);
  EXPECT_EQ(look("7"), std::nullopt);
}

TEST(Detect, KnowsAnIrcLog) {
  EXPECT_TRUE(is_irc_log("day.raw.txt", ""));
  EXPECT_TRUE(is_irc_log("day.log", "[12:18] <nick> hello"));
  EXPECT_FALSE(is_irc_log("notes.txt", "[todo] write"));
  EXPECT_FALSE(is_irc_log("day.json", "[12:18] <nick> hello"));
}

TEST(ReadHistory, ThrowsOnlyForAPathThatDoesNotExist) {
  RecordingSink sink;
  try {
    read_history("/nowhere/at/all.json", {}, sink);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
  }
}

TEST(ReadHistory, GivesOneFaultForWhatIsNoHistory) {
  for (const std::string_view bytes :
       {"", "   \n", "{\"version\":1}", "[1,2,3]", "not json\nat all\n", "{\"mapp", "[", "{}",
        "null", "\xff\xfe{"}) {
    RecordingSink sink;
    read_text(bytes, sink);
    EXPECT_TRUE(sink.conversations.empty());
    ASSERT_EQ(sink.skips.size(), 1U) << bytes;
    EXPECT_EQ(sink.faults().size(), 1U) << bytes;
    EXPECT_THAT(sink.skips[0].file, HasSubstr("history.json"));
  }
}

TEST(ReadHistory, GivesOneFaultForAWrongFormatAndSaysWhatItLooksLike) {
  RecordingSink sink;
  const std::string three =
      std::string("[") + claude_chat + "," + claude_chat + "," + claude_chat + "]";
  read_text(three, sink, Format::chatgpt);
  ASSERT_EQ(sink.skips.size(), 1U);
  EXPECT_THAT(sink.skips[0].reason, HasSubstr("looks like claude"));
  EXPECT_THAT(sink.skips[0].place, HasSubstr("conversation 1"));
}

TEST(ReadHistory, TellsOnlySoManyFaultsOfOneFile) {
  std::string lines = std::string(chat) + "\n";
  for (int i = 0; i < 100; ++i) lines += "{\"broken\n";
  RecordingSink sink;
  read_text(lines, sink, Format::automatic, "history.jsonl");
  EXPECT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.faults().size(), 21U);
  EXPECT_EQ(sink.skips.back().reason, "80 more broken records");
}

TEST(ReadHistory, WalksAFolderInOrderAndIgnoresOtherFiles) {
  const ScratchFolder folder;
  folder.write("b.jsonl", std::string(chat) + "\n");
  folder.write("a/one.json", std::string("[") + claude_chat + "]");
  folder.write("metadata.json", R"({"version":1})");
  folder.write("README.md", "# nothing");
  folder.write("LICENSE", "nothing");
  RecordingSink sink;
  read_history(folder.path(), {}, sink);
  ASSERT_EQ(sink.conversations.size(), 2U);
  EXPECT_EQ(sink.conversations[0].draft.source, "claude");
  EXPECT_EQ(sink.conversations[1].draft.source, "openai");
  EXPECT_EQ(sink.faults().size(), 0U);
  ASSERT_EQ(sink.notes().size(), 1U);
  EXPECT_THAT(sink.notes()[0].file, HasSubstr("metadata.json"));
  const std::vector<std::filesystem::path> paths{folder.path()};
  EXPECT_EQ(sink.bytes, input_size(paths));
}

TEST(ReadHistory, ReadsOnlyTheConversationsOfAnExportZip) {
  const ScratchFolder folder;
  const auto path = folder.path() / "export.zip";
  const std::string many = std::string("[") + claude_chat + "]";
  write_zip(path, {{"conversations-001.json", R"([{"mapping":{}}])"},
                   {"export/conversations.json", many},
                   {"user.json", chat},
                   {"chat.html", "<p>"}});
  RecordingSink sink;
  read_history(path, {}, sink);
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.conversations[0].draft.source, "claude");
  EXPECT_EQ(sink.faults().size(), 0U);
  EXPECT_EQ(sink.bytes, std::filesystem::file_size(path));
}

TEST(ReadHistory, NamesTheMemberOfAZipThatIsBroken) {
  const ScratchFolder folder;
  const auto path = folder.path() / "export.zip";
  write_zip(path, {{"conversations.json", R"([{"uuid":"c1","chat_messages":[)"}});
  RecordingSink sink;
  read_history(path, {}, sink);
  ASSERT_GE(sink.faults().size(), 1U);
  EXPECT_THAT(sink.faults()[0].file, HasSubstr("export.zip:conversations.json"));
}

TEST(ReadHistory, GivesOneFaultForAZipWithoutConversationsOrThatIsNone) {
  const ScratchFolder folder;
  const auto path = folder.path() / "photos.zip";
  write_zip(path, {{"photo.jpg", "..."}});
  const auto fake = folder.write("fake.zip", "PK\x03\x04 this is no zip");
  for (const auto& file : {path, fake}) {
    RecordingSink sink;
    read_history(file, {}, sink);
    EXPECT_EQ(sink.faults().size(), 1U);
    EXPECT_EQ(sink.bytes, std::filesystem::file_size(file));
  }
}

}  // namespace
}  // namespace loci::transcript
