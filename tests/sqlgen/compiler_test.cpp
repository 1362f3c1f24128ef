#include <gtest/gtest.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "sqlgen/scratch_folder.hpp"

/// What compilers say of generated code: of what is wrong by whom it is used, and that by itself it
/// is without fault.
namespace loci::sqlgen {
namespace {

struct Verdict {
  bool accepted = false;
  std::string text;
};

Verdict run(const std::string& command) {
  struct Close {
    void operator()(FILE* pipe) const { ::pclose(pipe); }
  };
  std::unique_ptr<FILE, Close> pipe(::popen((command + " 2>&1").c_str(), "r"));
  Verdict verdict;
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), pipe.get())) != 0;) {
    verdict.text.append(part.data(), n);
  }
  verdict.accepted = ::pclose(pipe.release()) == 0;
  return verdict;
}

Verdict compile(std::string_view source, const std::string& compiler, const std::string& flags) {
  const ScratchFolder folder;
  folder.write("use.cpp", source);
  return run("LC_ALL=C " + compiler + " -std=c++23 -fsyntax-only " + flags +
             " -DBOOST_ASIO_SEPARATE_COMPILATION -DBOOST_ASIO_NO_DEPRECATED -I" LOCI_SOURCE_DIR
             "/include -I" LOCI_SOURCE_DIR "/tests " +
             (folder / "use.cpp").string());
}

/// A use of the library's queries, in a function of its own.
Verdict use(std::string_view body) {
  std::string source =
      "#include \"sqlgen/library/golden/authors.hpp\"\n"
      "#include \"sqlgen/library/golden/books.hpp\"\n"
      "using namespace library;\n";
  source += body;
  return compile(source, LOCI_CXX, "");
}

TEST(UseOfGeneratedCode, CompilesWhenItIsRight) {
  const Verdict verdict =
      use("GetAuthor query() { return {.id = 7}; }\n"
          "std::string name(const GetAuthor::Row& row) { return row.name; }\n"
          "std::string mail(const GetAuthor::Row& row) { return row.mail.value_or(\"none\"); }\n");
  EXPECT_TRUE(verdict.accepted) << verdict.text;
}

/// The line of a use must not compile, and what is said must name the query.
void expect_refusal(std::string_view body, std::string_view query, std::string_view reason) {
  const Verdict verdict = use(body);
  EXPECT_FALSE(verdict.accepted) << body;
  EXPECT_TRUE(verdict.text.contains(query)) << verdict.text;
  EXPECT_TRUE(verdict.text.contains(reason)) << verdict.text;
}

TEST(UseOfGeneratedCode, RefusesAParameterOfAnotherType) {
  expect_refusal("auto query() { return GetAuthor{.id = \"seven\"}; }", "GetAuthor{", "const char");
  expect_refusal("auto query() { return FindBook{.id = loci::Uuid{}, .x = 1}; }", "FindBook", "x");
  expect_refusal("auto query() { return ListMoody{.mood = 1}; }", "ListMoody{", "Mood");
}

TEST(UseOfGeneratedCode, RefusesAColumnThatIsNotThere) {
  expect_refusal("auto get(const TitlesOf::Row& row) { return row.price; }", "TitlesOf::Row",
                 "has no member named 'price'");
}

TEST(UseOfGeneratedCode, RefusesToReadWhatMayBeNullAsAValue) {
  expect_refusal("loci::Decimal get(const FindBook::Row& row) { return row.price; }",
                 "FindBook::Row", "std::optional<loci::Decimal>");
  expect_refusal("std::string get(const Notes::Row& row) { return row.m.name; }", "Notes::Row",
                 "has no member named 'name'");
}

/// GCC compiles it as part of these tests, with more warnings than these.
TEST(GeneratedCode, CompilesWithClangWithoutAWarning) {
  const std::string clang = "clang++-19";
  if (!run(clang + " --version").accepted) GTEST_SKIP() << "there is no " << clang;
  for (const std::string header : {"library/golden/querier.hpp", "golden/shop.hpp"}) {
    const Verdict verdict = compile("#include \"sqlgen/" + header + "\"\n", clang,
                                    "-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror");
    EXPECT_TRUE(verdict.accepted) << header << '\n' << verdict.text;
  }
}

}  // namespace
}  // namespace loci::sqlgen
