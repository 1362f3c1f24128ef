#pragma once
#include <loci/base/error.hpp>
#include <loci/config/read_settings.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace loci::config {

using Variables = std::map<std::string, std::string>;

[[nodiscard]] inline Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

/// Settings without a file.
[[nodiscard]] inline Settings from_variables(Variables variables) {
  return load_settings(environment_of(std::move(variables)));
}

class SettingsFile : public testing::Test {
protected:
  ~SettingsFile() override { std::filesystem::remove(path_); }

  [[nodiscard]] ReadSettings read(const std::string& yaml, Variables variables = {},
                                  std::vector<Flag> flags = {}) const {
    std::ofstream(path_, std::ios::binary) << yaml;
    return read_settings({.file = path_,
                          .environment = environment_of(std::move(variables)),
                          .flags = std::move(flags)});
  }
  /// What was read, without a fault.
  [[nodiscard]] Settings load(const std::string& yaml, Variables variables = {},
                              std::vector<Flag> flags = {}) const {
    const ReadSettings made = read(yaml, std::move(variables), std::move(flags));
    EXPECT_THAT(texts(made), testing::IsEmpty()) << yaml.substr(0, 300);
    return made.settings;
  }
  /// Every fault, the file's name taken off: `4:3: there is no such setting; ...`.
  [[nodiscard]] std::vector<std::string> faults(const std::string& yaml,
                                                Variables variables = {}) const {
    return texts(read(yaml, std::move(variables)));
  }
  /// The only fault.
  [[nodiscard]] std::string refusal(const std::string& yaml, Variables variables = {}) const {
    const auto all = faults(yaml, std::move(variables));
    EXPECT_EQ(all.size(), 1U) << yaml.substr(0, 300) << "\n" << testing::PrintToString(all);
    return all.empty() ? "" : all[0];
  }
  [[nodiscard]] std::vector<std::string> texts(const ReadSettings& made) const {
    std::vector<std::string> all;
    for (const Fault& fault : made.faults) {
      std::string text = to_string(fault);
      if (text.starts_with(path_ + ":")) text.erase(0, path_.size() + 1);
      all.push_back(std::move(text));
    }
    return all;
  }

  const std::string path_ = testing::TempDir() + "loci_" + std::to_string(::getpid()) + ".yaml";
};

[[nodiscard]] inline const SettingValue& value_of(const ReadSettings& read, std::string_view key) {
  const auto found = std::ranges::find(read.values, key, &SettingValue::key);
  if (found == read.values.end()) throw std::out_of_range(std::string(key));
  return *found;
}

}  // namespace loci::config
