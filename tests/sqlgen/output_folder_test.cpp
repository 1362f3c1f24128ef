#include "sqlgen/output_folder.hpp"

#include <gmock/gmock.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class OutputFolder : public testing::Test {
protected:
  OutputFolder()
      : folder_(fs::temp_directory_path() / ("loci_sqlgen_out_" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
  }
  ~OutputFolder() override { fs::remove_all(folder_); }

  static EmittedFile file(const std::string& name, const std::string& text) {
    return {name, std::string(generated_mark) + text};
  }
  std::vector<std::string> lines(const std::vector<EmittedFile>& files) const {
    std::vector<std::string> found;
    for (const Difference& difference : differences(folder_, files)) {
      found.push_back(to_line(difference));
    }
    return found;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
};

TEST_F(OutputFolder, NamesWhatIsMissingDiffersOrIsLeftOver) {
  EXPECT_THAT(lines({file("a.hpp", "1")}), ElementsAre(path("a.hpp") + " is missing"));
  EXPECT_FALSE(fs::exists(folder_));
  write(folder_, {file("a.hpp", "1"), file("b.hpp", "1"), file("c.hpp", "1")});
  EXPECT_THAT(lines({file("a.hpp", "1"), file("b.hpp", "2")}),
              ElementsAre(path("b.hpp") + " differs", path("c.hpp") + " is left over"));
}

TEST_F(OutputFolder, WritingBringsItUpToDateAndLeavesTheRestAlone) {
  write(folder_, {file("a.hpp", "1"), file("b.hpp", "1")});
  std::ofstream(path("mine.hpp")) << "// my own";
  const auto written = fs::last_write_time(path("a.hpp")) - std::chrono::hours(1);
  fs::last_write_time(path("a.hpp"), written);

  const std::vector<EmittedFile> wanted = {file("a.hpp", "1"), file("c.hpp", "1")};
  write(folder_, wanted);
  EXPECT_THAT(lines(wanted), IsEmpty());
  EXPECT_EQ(fs::last_write_time(path("a.hpp")), written) << "what is the same is not written again";
  EXPECT_FALSE(fs::exists(path("b.hpp")));
  EXPECT_TRUE(fs::exists(path("mine.hpp")));
}

}  // namespace
}  // namespace loci::sqlgen
