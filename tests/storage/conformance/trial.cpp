#include "storage/conformance/trial.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

namespace loci::storage::conformance {

namespace asio = boost::asio;

void Trial::wait(Task<void> work) {
  asio::co_spawn(runtime().executor(), std::move(work), asio::use_future).get();
}

void Trial::run_all(std::vector<Task<void>> works) {
  std::vector<std::future<void>> ends;
  for (Task<void>& work : works) {
    ends.push_back(asio::co_spawn(runtime().executor(), std::move(work), asio::use_future));
  }
  for (std::future<void>& end : ends) end.get();
}

Conversation Trial::conversation(std::string title, std::string user) {
  return run(conversations().create({.user_id = std::move(user), .title = std::move(title)}));
}

Conversation Trial::talk(const std::vector<std::string>& contents, std::string user) {
  Conversation made = conversation("A talk", std::move(user));
  (void)say(made.id, contents);
  return made;
}

std::vector<Message> Trial::say(const Uuid& conversation_id,
                                const std::vector<std::string>& contents) {
  std::vector<NewMessage> made;
  for (const std::string& content : contents) {
    made.push_back(new_message(content, made.size() % 2 == 0 ? "user" : "assistant"));
  }
  return run(messages().append(conversation_id, std::move(made)));
}

Message Trial::say_one(const Uuid& conversation_id, std::string content, std::string role) {
  NewMessage made = new_message(std::move(content), std::move(role));
  made.conversation_id = conversation_id;
  return run(messages().create(std::move(made)));
}

ToolExecution Trial::call(const Uuid& conversation_id, std::string call_id, std::string tool) {
  const Message asking = say_one(conversation_id, "Let me see.", "assistant");
  return run(executions().create(
      {.message_id = asking.id, .tool_call_id = std::move(call_id), .tool_name = std::move(tool)}));
}

EmbeddingModel Trial::model() {
  if (!model_) model_ = run(embeddings().add_model("of three dimensions", 3));
  return *model_;
}

}  // namespace loci::storage::conformance
