#pragma once
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "support/program.hpp"

/// What benchmarks of whole programs share.
namespace loci::bench {

using Words = std::vector<std::string>;

/// A folder that the server's user can reach, gone with the object.
struct Place {
  Place() {
    std::string name = "/tmp/loci-bench-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
    std::filesystem::permissions(path, std::filesystem::perms(0755));
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

/// The program `loci` of this build.
[[nodiscard]] inline std::string loci_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../apps/loci";
}

struct Run {
  double seconds;
  std::uint64_t peak_memory;
};

/// Runs a program to its end. Errors: runtime_error, when it fails.
[[nodiscard]] inline Run timed(const Words& words) {
  const auto start = std::chrono::steady_clock::now();
  const test::ProgramEnd end = test::run(words);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (end.code != 0 && end.code != 3) throw std::runtime_error(words[0] + ": " + end.err);
  return {took.count(), end.peak_memory};
}

[[nodiscard]] inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace loci::bench
