#include <loci/config/read_settings.hpp>

#include <loci/base/error.hpp>

#include <algorithm>

namespace loci::config {

namespace {

constexpr std::size_t k_most_told = 3;  // in an error, which is one line

std::string place_of(const Origin& origin) {
  std::string text = origin.name;
  if (origin.line > 0) text += ":" + std::to_string(origin.line);
  if (origin.column > 0) text += ":" + std::to_string(origin.column);
  return text;
}

}  // namespace

std::string to_string(const Origin& origin) {
  return origin.kind == Origin::Kind::default_value ? "default" : place_of(origin);
}

std::string to_string(const Fault& fault) {
  const bool named = fault.place.kind == Origin::Kind::default_value ||
                     fault.text.starts_with(fault.place.name + " takes");
  return named ? fault.text : place_of(fault.place) + ": " + fault.text;
}

void refuse_faults(const ReadSettings& read) {
  if (read.faults.empty()) return;
  std::string text;
  const std::size_t told = std::min(read.faults.size(), k_most_told);
  for (std::size_t i = 0; i < told; ++i) {
    text += (i == 0 ? "" : "; ") + to_string(read.faults[i]);
  }
  if (read.faults.size() > told) {
    text += "; and " + std::to_string(read.faults.size() - told) +
            " more, which `loci config check` lists";
  }
  throw Error(ErrorKind::configuration, text);
}

Settings load_settings(const Environment& environment, Settings defaults) {
  ReadSettings read = read_settings({.environment = environment}, std::move(defaults));
  refuse_faults(read);
  return std::move(read.settings);
}

}  // namespace loci::config
