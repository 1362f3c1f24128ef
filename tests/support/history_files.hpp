#pragma once
#include "support/recording_sink.hpp"

#include <loci/transcript/import.hpp>

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace loci::transcript {

/// A folder that is gone with the object.
class ScratchFolder {
public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "loci-transcript-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  std::filesystem::path write(const std::string& name, std::string_view bytes) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }

private:
  std::filesystem::path path_;
};

/// Reads `bytes` as a file of that name, all the way through the public entry.
inline void read_text(std::string_view bytes, RecordingSink& sink,
                      Format format = Format::automatic, const std::string& name = "history.json") {
  const ScratchFolder folder;
  read_history(folder.write(name, bytes), {.format = format}, sink);
  EXPECT_EQ(sink.bytes, bytes.size()) << "progress does not add up";
}

/// The real exports that are kept beside the checkout, on machines that have them.
inline std::filesystem::path shared_data(std::string_view folder) {
  return std::filesystem::path(LOCI_SOURCE_DIR) / ".." / "shared" / "data" / folder;
}

}  // namespace loci::transcript
