#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <loci/base/error.hpp>

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "storage/conformance/world.hpp"

namespace loci::storage::conformance {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// "23505" of the server, or the name of a kind: "invalid argument", "conflict".
[[nodiscard]] inline std::string name_of(const Error& error) {
  return std::string(error.sqlstate().empty() ? to_string(error.kind()) : error.sqlstate());
}

/// A moment by its RFC 3339 text.
[[nodiscard]] inline Timestamp at(std::string_view text) {
  return parse_timestamp(text).value();
}

[[nodiscard]] inline Uuid nobody() {
  return Uuid::v7();
}

/// What a case stands on: a storage that is tried, and short words for what is done with it.
class Trial {
public:
  void begin(const Maker& maker, bool alone = false) {
    world_ = (alone ? maker.make_alone : maker.make)();
  }

  [[nodiscard]] Storage& storage() { return world_->storage(); }
  [[nodiscard]] ConversationRepository& conversations() { return storage().conversations(); }
  [[nodiscard]] MessageRepository& messages() { return storage().messages(); }
  [[nodiscard]] EmbeddingRepository& embeddings() { return storage().embeddings(); }
  [[nodiscard]] MemoryRepository& memories() { return storage().memories(); }
  [[nodiscard]] ToolRepository& tools() { return storage().tools(); }
  [[nodiscard]] ToolExecutionRepository& executions() { return storage().tool_executions(); }

  /// Runs a call and blocks until it is over; what it throws is thrown here.
  template <class T>
  T run(Task<T> work) {
    if constexpr (std::is_void_v<T>) {
      wait(std::move(work));
    } else {
      std::optional<T> result;
      wait(into(std::move(work), result));
      return std::move(*result);
    }
  }

  /// What a call throws, by name_of(); "nothing" when it does not.
  template <class T>
  std::string refusal(Task<T> work) {
    try {
      (void)run(std::move(work));
    } catch (const Error& error) {
      return name_of(error);
    }
    return "nothing";
  }

  /// Runs several calls at once, on as many threads as there are.
  void run_all(std::vector<Task<void>> works);

  /// A conversation of ann's.
  Conversation conversation(std::string title = "A talk", std::string user = "ann");
  /// One with a message for each text, by user and assistant in turn.
  Conversation talk(const std::vector<std::string>& contents, std::string user = "ann");
  std::vector<Message> say(const Uuid& conversation_id, const std::vector<std::string>& contents);
  Message say_one(const Uuid& conversation_id, std::string content = "Hello",
                  std::string role = "user");
  /// A call of an assistant's, in a message of its own.
  ToolExecution call(const Uuid& conversation_id, std::string call_id = "call-1",
                     std::string tool = "search");
  /// A model of three dimensions, the same in every trial.
  EmbeddingModel model();

private:
  template <class T>
  static Task<void> into(Task<T> work, std::optional<T>& result) {
    result.emplace(co_await std::move(work));
  }
  void wait(Task<void> work);

  std::unique_ptr<World> world_;
  std::optional<EmbeddingModel> model_;
};

[[nodiscard]] inline NewMessage new_message(std::string content, std::string role = "user") {
  return {.conversation_id = {}, .role = std::move(role), .content = std::move(content)};
}

[[nodiscard]] inline NewMemory new_memory(std::string content, std::string user = "ann") {
  return {.scope = {.user_id = std::move(user)}, .content = std::move(content)};
}

/// A call to be run beside others: one that is not awaited where it is written.
[[nodiscard]] inline Task<void> append_to(MessageRepository& all, Uuid conversation_id,
                                          std::vector<NewMessage> made) {
  (void)co_await all.append(conversation_id, std::move(made));
}

/// The ids, or what else `of` tells, of some records.
template <class Record, class Of>
[[nodiscard]] auto each(const std::vector<Record>& records, Of of) {
  std::vector<std::remove_cvref_t<std::invoke_result_t<Of, const Record&>>> told;
  for (const Record& record : records) told.push_back(std::invoke(of, record));
  return told;
}

/// A case over every implementation.
class Conformance : public testing::TestWithParam<Maker>, public Trial {
protected:
  void SetUp() override { begin(GetParam()); }
};

/// In a database where nobody else ever was.
class ConformanceAlone : public testing::TestWithParam<Maker>, public Trial {
protected:
  void SetUp() override { begin(GetParam(), true); }
};

[[nodiscard]] inline auto every_storage() {
  return testing::ValuesIn(makers());
}
[[nodiscard]] inline std::string storage_name(const testing::TestParamInfo<Maker>& info) {
  return info.param.name;
}

}  // namespace loci::storage::conformance
