#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "storage/conformance/trial.hpp"

namespace loci::storage::conformance {

using F = MemoryFields;

/// Four memories, which between them have values of every kind, and none:
///
/// | content | importance | pinned | agent | access | valid_from | valid_to | metadata |
/// |---------|------------|--------|-------|--------|------------|----------|-------------------------|
/// | Gamma   | 0.9        | no     | X     | 0      | 2022       |          | n "10", lang 5 | |
/// alpha   | 0.1        | no     | x     | 0      | 2020       |          | n 1, lang de, tags, ...
/// | | beta    | 0.5        | yes    |       | 1      | 2021       | 2030     | n 10, lang en | |
/// délta   | 0          | no     |       | 0      | 2023       | 2031     | none |
class Filters : public Conformance {
protected:
  void SetUp() override {
    Conformance::SetUp();
    home_ = conversation().id;
    NewMemory alpha = new_memory("alpha");
    alpha.importance = 0.1;
    alpha.scope.agent_id = "x";
    alpha.scope.conversation_id = home_;
    alpha.valid_from = at("2020-01-01");
    alpha.metadata = {R"({"n": 1, "lang": "de", "tags": ["a", "b"], "deep": {"k": "v", "m": [1]},
                          "flag": true, "nothing": null})"};
    NewMemory beta = new_memory("beta");
    beta.importance = 0.5;
    beta.pinned = true;
    beta.valid_from = at("2021-01-01");
    beta.valid_to = at("2030-01-01");
    beta.metadata = {R"({"n": 10.0, "lang": "en", "flag": false, "tags": ["b"]})"};
    NewMemory gamma = new_memory("Gamma");
    gamma.importance = 0.9;
    gamma.scope.agent_id = "X";
    gamma.valid_from = at("2022-01-01");
    gamma.metadata = {R"({"n": "10", "lang": 5})"};
    NewMemory delta = new_memory("délta");
    delta.importance = 0;
    delta.valid_from = at("2023-01-01");
    delta.valid_to = at("2031-01-01");
    const auto stored = run(memories().create_batch({alpha, beta, gamma, delta}));
    alpha_ = stored[0].id;
    beta_ = stored[1].id;
    (void)run(memories().touch({beta_}));
  }

  /// What a filter finds, in order of bytes.
  std::vector<std::string> found(Filter filter) {
    auto contents = each(run(memories().list(std::move(filter))).items, &Memory::content);
    std::ranges::sort(contents);
    return contents;
  }
  std::string refusal_of(Filter filter) { return refusal(memories().list(std::move(filter))); }

  Uuid home_;
  Uuid alpha_;
  Uuid beta_;
};

}  // namespace loci::storage::conformance
