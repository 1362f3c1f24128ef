#pragma once
#include <loci/base/histogram.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace loci::storage {

/// One label of a series.
struct Label {
  std::string_view name;
  std::string_view value;
};

/// Writes Prometheus' text format, version 0.0.4.
class PrometheusText {
public:
  /// The series that follow belong to this metric. `type`: gauge, counter or histogram.
  PrometheusText& metric(std::string_view name, std::string_view type, std::string_view help);

  template <std::integral Number>
  PrometheusText& value(Number number, Label label = {}) {
    line("", label, "", std::to_string(number));
    return *this;
  }
  PrometheusText& seconds(double number, Label label = {});
  /// Its buckets end at powers of four of a microsecond, 64 us to 17 s, where the counts are exact.
  PrometheusText& histogram(const Histogram& durations, Label label = {});

  [[nodiscard]] std::string take() { return std::move(text_); }

private:
  // `end`: of a bucket; empty: none.
  void line(std::string_view suffix, Label label, std::string_view end, std::string_view value);
  std::string name_;
  std::string text_;
};

}  // namespace loci::storage
