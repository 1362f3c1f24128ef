#include "recall_picture.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <format>
#include <fstream>
#include <vector>

namespace loci::app {

namespace {

using vector::Trial;

constexpr std::size_t k_rows = 14;

// Each index by its name, in the order of trials.
std::vector<std::string> indexes_of(std::span<const Trial> trials) {
  std::vector<std::string> names;
  for (const Trial& each : trials) {
    if (std::ranges::find(names, describe(each.config)) == names.end()) {
      names.push_back(describe(each.config));
    }
  }
  return names;
}

// From trials to the square from 0 to 1.
struct Frame {
  explicit Frame(std::span<const Trial> trials) {
    for (const Trial& each : trials) {
      least_recall = std::min(least_recall, each.recall);
      quickest = std::min(quickest, each.search_us);
      slowest = std::max(slowest, each.search_us);
    }
  }
  [[nodiscard]] double x(const Trial& each) const {
    return least_recall < 1 ? (each.recall - least_recall) / (1 - least_recall) : 1;
  }
  [[nodiscard]] double y(const Trial& each) const {
    return slowest > quickest ? std::log(each.search_us / quickest) / std::log(slowest / quickest)
                              : 0;
  }
  double least_recall = 1;
  double quickest = 1e12;
  double slowest = 1;
};

}  // namespace

std::string picture(std::span<const Trial> trials, std::size_t columns) {
  if (trials.empty()) return {};
  const Frame frame(trials);
  const std::vector<std::string> names = indexes_of(trials);
  const std::size_t width = std::clamp<std::size_t>(columns, 40, 100) - 12;
  std::vector<std::string> rows(k_rows, std::string(width, ' '));
  for (const Trial& each : trials) {
    const auto at =
        static_cast<std::size_t>(std::ranges::find(names, describe(each.config)) - names.begin());
    const auto column =
        static_cast<std::size_t>(std::lround(frame.x(each) * static_cast<double>(width - 1)));
    const auto row = static_cast<std::size_t>(std::lround((1 - frame.y(each)) * (k_rows - 1)));
    rows[row][column] = static_cast<char>('a' + at % 26);
  }
  std::string out;
  for (std::size_t row = 0; row < k_rows; ++row) {
    const std::string label = row == 0            ? std::format("{:.2f} ms", frame.slowest / 1000)
                              : row + 1 == k_rows ? std::format("{:.2f} ms", frame.quickest / 1000)
                                                  : "";
    out += std::format("{:>10} |{}\n", label, rows[row]);
  }
  out += std::format("{:>10} +{}\n", "", std::string(width, '-'));
  out += std::format("{:>10}  {:<{}.3f}{:.3f}\n", "recall", frame.least_recall, width - 5, 1.0);
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += std::format("  {} {}\n", static_cast<char>('a' + i % 26), names[i]);
  }
  return out;
}

void write_picture(const std::string& file, std::span<const Trial> trials) {
  constexpr double k_width = 640;
  constexpr double k_height = 360;
  constexpr double k_margin = 60;
  constexpr const char* k_colours[] = {"#1b6ca8", "#c0392b", "#27803b", "#8e44ad",
                                       "#b9770e", "#16a085", "#555555"};
  const Frame frame(trials);
  const std::vector<std::string> names = indexes_of(trials);
  std::string out = std::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      k_width + 2 * k_margin, k_height + 2 * k_margin + 16 * static_cast<double>(names.size()));
  out += std::format("<path d=\"M{0} {0} V{1} H{2}\" fill=\"none\" stroke=\"black\"/>\n", k_margin,
                     k_margin + k_height, k_margin + k_width);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const char* colour = k_colours[i % std::size(k_colours)];
    std::string points;
    for (const Trial& each : trials) {
      if (describe(each.config) != names[i]) continue;
      const double x = k_margin + frame.x(each) * k_width;
      const double y = k_margin + (1 - frame.y(each)) * k_height;
      points += std::format("{:.1f},{:.1f} ", x, y);
      out +=
          std::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x, y, colour);
    }
    out += std::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"/>\n", points, colour);
    out += std::format("<text x=\"{}\" y=\"{}\" fill=\"{}\">{}</text>\n", k_margin,
                       k_margin + k_height + 48 + 16 * static_cast<double>(i), colour, names[i]);
  }
  out += std::format(
      "<text x=\"{0}\" y=\"{1}\">recall {2:.3f}</text><text x=\"{3}\" y=\"{1}\">1</text>\n",
      k_margin, k_margin + k_height + 18, frame.least_recall, k_margin + k_width);
  out += std::format(
      "<text x=\"4\" y=\"{}\">{:.2f} ms</text><text x=\"4\" y=\"{}\">{:.2f} ms</text>\n</svg>\n",
      k_margin, frame.slowest / 1000, k_margin + k_height, frame.quickest / 1000);
  std::ofstream stream(file, std::ios::binary);
  stream << out;
  stream.close();
  if (!stream) throw Error(ErrorKind::io, "cannot write the picture to " + file);
}

}  // namespace loci::app
