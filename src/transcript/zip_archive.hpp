#pragma once
#include "transcript/byte_stream.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace loci::transcript {

/// A zip file on disk, its members unpacked as they are read.
class ZipArchive {
public:
  struct Member {
    std::string name;
    std::uint64_t index = 0;
    std::uint64_t size = 0;  ///< Unpacked.
    std::uint64_t packed_size = 0;
  };

  /// Errors: invalid_input when the file is no zip or damaged; io when it cannot be read.
  explicit ZipArchive(const std::filesystem::path& path);
  ~ZipArchive();

  /// Files only, by name.
  [[nodiscard]] std::vector<Member> members() const;

  /// The stream must not outlive the archive. Errors: invalid_input (an unknown method, a
  /// password).
  [[nodiscard]] std::unique_ptr<ByteStream> open(const Member& member);

private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace loci::transcript
