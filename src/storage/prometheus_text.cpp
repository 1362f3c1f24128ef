#include "storage/prometheus_text.hpp"

#include <format>

namespace loci::storage {

namespace {

constexpr int k_first_bound = 6;  // 2^6 us
constexpr int k_last_bound = 24;

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

}  // namespace

PrometheusText& PrometheusText::metric(std::string_view name, std::string_view type,
                                       std::string_view help) {
  name_ = name;
  text_ += std::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
  return *this;
}

PrometheusText& PrometheusText::seconds(double number, Label label) {
  line("", label, "", std::format("{}", number));
  return *this;
}

PrometheusText& PrometheusText::histogram(const Histogram& durations, Label label) {
  for (int bound = k_first_bound; bound <= k_last_bound; bound += 2) {
    const Histogram::Duration end(std::int64_t{1} << bound);
    line("_bucket", label, std::format("{}", std::chrono::duration<double>(end).count()),
         std::to_string(durations.count_below(end)));
  }
  line("_bucket", label, "+Inf", std::to_string(durations.count()));
  line("_sum", label, "",
       std::format("{}", std::chrono::duration<double>(durations.sum()).count()));
  line("_count", label, "", std::to_string(durations.count()));
  return *this;
}

void PrometheusText::line(std::string_view suffix, Label label, std::string_view end,
                          std::string_view value) {
  text_.append(name_).append(suffix);
  std::string labels;
  if (!label.name.empty()) {
    labels.append(label.name).append("=\"");
    append_escaped(labels, label.value);
    labels += '"';
  }
  if (!end.empty()) {
    labels += std::format("{}le=\"{}\"", labels.empty() ? "" : ",", end);
  }
  if (!labels.empty()) text_ += "{" + labels + "}";
  text_.append(" ").append(value).append("\n");
}

}  // namespace loci::storage
