#pragma once
#include <cctype>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace loci::test {

/// Prometheus' text format 0.0.4, read strictly: whatever a scraper would stumble over is
/// std::runtime_error. Series go by their name and labels: `x_total{a="b"}`, values unescaped.
class PrometheusReader {
public:
  explicit PrometheusReader(std::string_view text) : rest_(text) {
    if (!text.empty() && text.back() != '\n') fail("the last line has no end");
    while (!rest_.empty()) line();
  }

  [[nodiscard]] double value(const std::string& series) const {
    const auto found = series_.find(series);
    if (found == series_.end()) throw std::runtime_error("no series " + series);
    return found->second;
  }
  [[nodiscard]] bool has(const std::string& series) const { return series_.contains(series); }
  [[nodiscard]] std::size_t size() const { return series_.size(); }
  [[nodiscard]] const std::map<std::string, std::string>& types() const { return types_; }
  [[nodiscard]] const std::map<std::string, double>& all() const { return series_; }

private:
  [[noreturn]] static void fail(const std::string& why) { throw std::runtime_error(why); }

  void line() {
    const std::size_t end = rest_.find('\n');
    std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (text.starts_with("# HELP ")) {
      if (!helped_.insert(word(text.substr(7))).second) fail("HELP twice");
    } else if (text.starts_with("# TYPE ")) {
      const std::string name = word(text.substr(7));
      const std::string type(text.substr(8 + name.size()));
      if (type != "gauge" && type != "counter" && type != "histogram") fail("type " + type);
      if (type == "counter" && !name.ends_with("_total")) fail(name + " does not end in _total");
      if (!types_.emplace(name, type).second) fail("TYPE twice");
      family_ = name;
    } else {
      sample(text);
    }
  }

  static std::string word(std::string_view text) {
    const std::string found(text.substr(0, text.find(' ')));
    if (found.empty() || std::isdigit(static_cast<unsigned char>(found[0])) != 0) fail("a name");
    for (const char c : found) {
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != ':') fail(found);
    }
    return found;
  }

  void sample(std::string_view text) {
    std::size_t at = text.find_first_of("{ ");
    if (at == std::string_view::npos) fail("no value");
    const std::string name = word(text.substr(0, at));
    require_family(name);
    std::string series = name;
    if (text[at] == '{') {
      series += '{';
      for (++at; text.at(at) != '}';) {
        if (text[at] == ',') series += text[at++];
        const std::size_t equals = text.find("=\"", at);
        series += word(text.substr(at, equals - at)) + "=\"";
        at = equals + 2;
        while (text.at(at) != '"') series += unescaped(text, at);
        series += '"';
        ++at;
      }
      series += '}';
      ++at;
    }
    if (text.at(at) != ' ') fail("no blank before the value");
    const std::string number(text.substr(at + 1));
    std::size_t used = 0;
    const double value = std::stod(number, &used);
    if (used != number.size()) fail("value " + number);
    if (!series_.emplace(series, value).second) fail("twice: " + series);
  }

  static char unescaped(std::string_view text, std::size_t& at) {
    if (text[at] != '\\') return text[at++];
    const char c = text.at(at + 1);
    at += 2;
    if (c == 'n') return '\n';
    if (c != '\\' && c != '"') fail("an escape");
    return c;
  }

  // Series of a metric stand together, behind its TYPE.
  void require_family(const std::string& name) const {
    if (name == family_) return;
    const bool histogram = types_.contains(family_) && types_.at(family_) == "histogram";
    for (const char* suffix : {"_bucket", "_sum", "_count"}) {
      if (histogram && name == family_ + suffix) return;
    }
    fail(name + " stands among those of " + family_);
  }

  std::string_view rest_;
  std::string family_;
  std::set<std::string> helped_;
  std::map<std::string, std::string> types_;
  std::map<std::string, double> series_;
};

}  // namespace loci::test
