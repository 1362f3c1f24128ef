#include "transcript/byte_stream.hpp"

#include <loci/base/error.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <string>

namespace loci::transcript {
namespace {

class DescriptorStream final : public ByteStream {
public:
  DescriptorStream(int descriptor, bool owned, std::string name)
      : descriptor_(descriptor), owned_(owned), name_(std::move(name)) {}
  DescriptorStream(const DescriptorStream&) = delete;
  DescriptorStream& operator=(const DescriptorStream&) = delete;
  ~DescriptorStream() override {
    if (owned_) ::close(descriptor_);
  }

  std::size_t read(std::span<char> buffer) override {
    for (;;) {
      const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) {
        throw Error(ErrorKind::io, "cannot read " + name_ + ": " + std::strerror(errno));
      }
    }
  }

private:
  int descriptor_;
  bool owned_;
  std::string name_;
};

class CountedStream final : public ByteStream {
public:
  CountedStream(std::unique_ptr<ByteStream> inner, std::function<void(std::uint64_t)> report)
      : inner_(std::move(inner)), report_(std::move(report)) {}

  std::size_t read(std::span<char> buffer) override {
    const std::size_t size = inner_->read(buffer);
    if (size != 0) report_(size);
    return size;
  }

private:
  std::unique_ptr<ByteStream> inner_;
  std::function<void(std::uint64_t)> report_;
};

}  // namespace

std::unique_ptr<ByteStream> open_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    throw Error(ErrorKind::io, "cannot open " + path.string() + ": " + std::strerror(errno));
  }
  return std::make_unique<DescriptorStream>(descriptor, true, path.string());
}

std::unique_ptr<ByteStream> open_standard_input() {
  return std::make_unique<DescriptorStream>(STDIN_FILENO, false, "standard input");
}

std::unique_ptr<ByteStream> counted(std::unique_ptr<ByteStream> inner,
                                    std::function<void(std::uint64_t)> report) {
  return std::make_unique<CountedStream>(std::move(inner), std::move(report));
}

}  // namespace loci::transcript
