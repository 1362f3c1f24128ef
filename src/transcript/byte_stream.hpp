#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>

namespace loci::transcript {

/// Bytes in order, pulled by the reader; nothing is held but what the caller's buffer takes.
class ByteStream {
public:
  virtual ~ByteStream() = default;

  /// Fills the front of `buffer` and says how much; 0 only at the end.
  /// Errors: io when the source fails; invalid_input when a compressed source is damaged.
  [[nodiscard]] virtual std::size_t read(std::span<char> buffer) = 0;
};

/// Errors: io when it cannot be opened.
[[nodiscard]] std::unique_ptr<ByteStream> open_file(const std::filesystem::path& path);

[[nodiscard]] std::unique_ptr<ByteStream> open_standard_input();

/// `inner`, and `report` is called with the size of each piece that was read.
[[nodiscard]] std::unique_ptr<ByteStream> counted(std::unique_ptr<ByteStream> inner,
                                                  std::function<void(std::uint64_t)> report);

}  // namespace loci::transcript
