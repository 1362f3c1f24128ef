#include "sqlgen/unified_diff.hpp"

#include <gtest/gtest.h>

namespace loci::sqlgen {
namespace {

std::string diff(std::string_view a, std::string_view b) {
  return unified_diff("a", a, "b", b);
}

TEST(UnifiedDiff, SaysNothingOfEqualTexts) {
  EXPECT_EQ(diff("", ""), "");
  EXPECT_EQ(diff("x\n", "x\n"), "");
}

TEST(UnifiedDiff, GivesThreeLinesOfContext) {
  EXPECT_EQ(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(UnifiedDiff, JoinsChangesSixLinesApartAndPartsThoseThatAreFurther) {
  EXPECT_EQ(diff("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n"),
            "--- a\n+++ b\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
  EXPECT_EQ(diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n"),
            "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n"
            "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}

TEST(UnifiedDiff, CountsFromTheLineBeforeWhereASideIsEmpty) {
  EXPECT_EQ(diff("", "x\ny\n"), "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+x\n+y\n");
  EXPECT_EQ(diff("x\n", ""), "--- a\n+++ b\n@@ -1 +0,0 @@\n-x\n");
}

TEST(UnifiedDiff, ShowsAMissingLastLineEnd) {
  EXPECT_EQ(diff("x\n", "x"), "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+x\n\\ No newline at end of file\n");
}

TEST(UnifiedDiff, KeepsWhatIsCommonInTheMiddle) {
  EXPECT_EQ(diff("a\nb\nc\nd\n", "b\nx\nd\ne\n"),
            "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-a\n b\n-c\n+x\n d\n+e\n");
}

}  // namespace
}  // namespace loci::sqlgen
