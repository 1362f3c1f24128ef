#include "transcript/zip_archive.hpp"

#include <loci/base/error.hpp>
#include <loci/base/text.hpp>

#include <zip.h>
#include <algorithm>

namespace loci::transcript {
namespace {

struct CloseMember {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

class MemberStream final : public ByteStream {
public:
  explicit MemberStream(zip_file_t* file) : file_(file) {}

  std::size_t read(std::span<char> buffer) override {
    const zip_int64_t got = zip_fread(file_.get(), buffer.data(), buffer.size());
    if (got < 0) {
      throw Error(ErrorKind::invalid_input,
                  std::string("the zip is damaged: ") + zip_file_strerror(file_.get()));
    }
    return static_cast<std::size_t>(got);
  }

private:
  std::unique_ptr<zip_file_t, CloseMember> file_;
};

}  // namespace

struct ZipArchive::Handle {
  explicit Handle(zip_t* opened) : zip(opened) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { zip_discard(zip); }
  zip_t* zip;
};

ZipArchive::ZipArchive(const std::filesystem::path& path) {
  int code = 0;
  zip_t* zip = zip_open(path.c_str(), ZIP_RDONLY, &code);
  if (zip == nullptr) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    throw Error(ErrorKind::invalid_input, "not a zip that can be read: " + reason);
  }
  handle_ = std::make_unique<Handle>(zip);
}

ZipArchive::~ZipArchive() = default;

std::vector<ZipArchive::Member> ZipArchive::members() const {
  std::vector<Member> found;
  const zip_int64_t count = zip_get_num_entries(handle_->zip, 0);
  for (zip_uint64_t index = 0; static_cast<zip_int64_t>(index) < count; ++index) {
    zip_stat_t stat;
    if (zip_stat_index(handle_->zip, index, 0, &stat) != 0 || (stat.valid & ZIP_STAT_NAME) == 0) {
      continue;
    }
    const std::string name = to_storable(stat.name);
    if (name.empty() || name.ends_with('/')) continue;
    found.push_back({.name = name,
                     .index = index,
                     .size = (stat.valid & ZIP_STAT_SIZE) != 0 ? stat.size : 0,
                     .packed_size = (stat.valid & ZIP_STAT_COMP_SIZE) != 0 ? stat.comp_size : 0});
  }
  std::ranges::stable_sort(found, {}, &Member::name);
  return found;
}

std::unique_ptr<ByteStream> ZipArchive::open(const Member& member) {
  zip_file_t* file = zip_fopen_index(handle_->zip, member.index, 0);
  if (file == nullptr) {
    throw Error(ErrorKind::invalid_input,
                std::string("cannot be unpacked: ") + zip_strerror(handle_->zip));
  }
  return std::make_unique<MemberStream>(file);
}

}  // namespace loci::transcript
