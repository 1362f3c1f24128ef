#pragma once
#include <string>
#include <tuple>
#include <vector>

#include "storage/conformance/kinds.hpp"

namespace loci::storage::conformance {

/// A case over every implementation and every kind of record: its body is a generic lambda that
/// of_kind() calls with the Kind it is about.
class EveryKind : public testing::TestWithParam<std::tuple<Maker, std::string_view>>, public Trial {
protected:
  void SetUp() override { begin(std::get<Maker>(GetParam())); }

  template <class Body>
  void of_kind(Body body) {
    call_for<Conversation>(body);
    call_for<Message>(body);
    call_for<Embedding>(body);
    call_for<Memory>(body);
    call_for<Tool>(body);
    call_for<ToolExecution>(body);
  }

  /// A record that is stored, of so many.
  template <class Record>
  Record store(Kind<Record>& kind) {
    return run(kind.in(storage()).create(kind.make(*this)));
  }
  template <class Record>
  std::vector<Record> store(Kind<Record>& kind, int count) {
    return run(kind.in(storage()).create_batch(some(kind, count)));
  }
  /// Not stored yet.
  template <class Record>
  auto some(Kind<Record>& kind, int count) {
    std::vector<typename RecordTraits<Record>::New> made;
    for (int i = 0; i < count; ++i) made.push_back(kind.make(*this));
    return made;
  }

private:
  template <class Record, class Body>
  void call_for(Body& body) {
    if (std::get<std::string_view>(GetParam()) != Kind<Record>::name) return;
    Kind<Record> kind;
    body(kind);
  }
};

/// The keys of records, in order.
template <class Record>
[[nodiscard]] auto keys_of(const std::vector<Record>& records) {
  return each(records, [](const Record& record) { return Kind<Record>::key(record); });
}

[[nodiscard]] inline auto every_kind_of_every_storage() {
  return testing::Combine(
      every_storage(),
      testing::Values(Kind<Conversation>::name, Kind<Message>::name, Kind<Embedding>::name,
                      Kind<Memory>::name, Kind<Tool>::name, Kind<ToolExecution>::name));
}
[[nodiscard]] inline std::string storage_and_kind(
    const testing::TestParamInfo<EveryKind::ParamType>& info) {
  return std::get<Maker>(info.param).name + std::string(std::get<std::string_view>(info.param));
}

}  // namespace loci::storage::conformance
