#include <gtest/gtest.h>

#include "app/loci.hpp"
#include "support/effort.hpp"
#include "support/generated_export.hpp"

namespace loci::app {
namespace {

constexpr std::uint64_t k_megabyte = 1'000'000;

constexpr std::uint64_t k_bound = 300 * k_megabyte;

struct Memory : testing::Test {
  void SetUp() override {
    if (test::k_sanitized)
      GTEST_SKIP() << "a sanitizer keeps what was freed, and pads what is in use";
  }
};

// LOCI_TEST_LONG=1: an export of 1 GB in 300 MB, else one of 60 MB in 120: whoever holds it all,
// parsed, needs more.
TEST_F(Memory, StaysFlatWhateverTheSizeOfTheExport) {
  const LociOnFolder loci;
  const auto file = loci.place() / "export.json";
  const int conversations = test::in_full() ? 10000 : 600;
  const test::ExportShape shape{
      .conversations = conversations, .messages = 50, .content_bytes = 1850};
  test::write_export(file, shape);
  const auto size = std::filesystem::file_size(file);
  ASSERT_GE(size, static_cast<std::uint64_t>(conversations) * k_megabyte / 10);
  const ProgramEnd end = loci({"import", "--no-embed", "--json", file.string()});
  ASSERT_EQ(end.code, 0) << end.err;
  const JsonDocument summary = json_of(end);
  EXPECT_EQ(summary.root()["new_messages"].integer(), conversations * 50);
  std::printf("%llu MB imported in %.1f s with at most %llu MB of memory\n",
              static_cast<unsigned long long>(size / k_megabyte),
              summary.root()["seconds"].number().value_or(0),
              static_cast<unsigned long long>(end.peak_memory / k_megabyte));
  EXPECT_LT(end.peak_memory, test::in_full() ? k_bound : 120 * k_megabyte);
}

// One conversation as large as the file: it is read whole, and written in parts.
TEST_F(Memory, HoldsALongConversationWithoutDoublingItManyTimes) {
  const LociOnFolder loci;
  const auto file = loci.place() / "export.json";
  test::write_export(file, {.conversations = 1, .messages = 20000, .content_bytes = 800});
  const ProgramEnd end = loci({"import", "--no-embed", "--json", file.string()});
  ASSERT_EQ(end.code, 0) << end.err;
  EXPECT_LT(end.peak_memory, k_bound);
}

}  // namespace
}  // namespace loci::app
