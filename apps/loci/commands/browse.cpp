// loci list | show | delete
#include <loci/base/error.hpp>
#include <loci/base/json_writer.hpp>

#include <algorithm>
#include <cstdio>
#include <format>
#include <memory>

#include "../commands.hpp"
#include "../terminal.hpp"

namespace loci::app {

namespace {

using storage::Conversation;
using storage::Message;

void write_conversation(JsonWriter& out, const Conversation& conversation) {
  out.object().member("id").value(conversation.id.str()).member("title").value(conversation.title);
  out.member("user_id").value(conversation.user_id).member("status").value(conversation.status);
  out.member("messages").value(conversation.last_seq);
  if (conversation.source) {
    out.member("source").value(*conversation.source);
    out.member("source_id").value(*conversation.source_id);
  }
  out.member("created_at").value(to_rfc3339(conversation.created_at));
  out.member("updated_at").value(to_rfc3339(conversation.updated_at)).close();
}

void list(const GlobalOptions& options, const std::string& user, std::int32_t limit) {
  Engine engine(options);
  storage::Filter filter;
  if (!user.empty()) filter = storage::ConversationFields::user_id.eq(user);
  const auto total = engine.wait(engine.storage().conversations().count(filter));
  storage::ListOptions wanted;
  wanted.limit = limit;
  const auto page = engine.wait(engine.storage().conversations().list(filter, wanted)).items;
  if (options.json) {
    JsonWriter out;
    out.object().member("total").value(total).member("conversations").array();
    for (const Conversation& conversation : page) write_conversation(out, conversation);
    std::puts(out.close().close().text().c_str());
    return;
  }
  for (const Conversation& conversation : page) {
    std::printf("%s  %s  %6lld  %s\n", dim(conversation.id.str()).c_str(),
                local_minute(conversation.updated_at).c_str(),
                static_cast<long long>(conversation.last_seq),
                conversation.title.empty() ? "(untitled)" : printable(conversation.title).c_str());
  }
  std::printf("%s\n", dim(std::format("{} of {} conversations", page.size(), total)).c_str());
}

// The id of a conversation, or of a message in it.
struct Shown {
  Conversation conversation;
  std::optional<Uuid> message;
};

Shown find(Engine& engine, Uuid id) {
  if (auto conversation = engine.wait(engine.storage().conversations().get(id))) {
    return {std::move(*conversation), std::nullopt};
  }
  if (const auto message = engine.wait(engine.storage().messages().get(id))) {
    if (auto conversation =
            engine.wait(engine.storage().conversations().get(message->conversation_id))) {
      return {std::move(*conversation), id};
    }
  }
  throw Error(ErrorKind::invalid_argument, "there is no conversation or message " + id.str());
}

std::vector<Message> messages_of(Engine& engine, const Shown& shown, bool all) {
  if (!all) {
    const auto leaf = shown.message ? shown.message : shown.conversation.current_leaf_id;
    if (leaf) return engine.wait(engine.storage().messages().path(*leaf));
  }
  std::vector<Message> messages;
  for (;;) {
    const std::int64_t after = messages.empty() ? 0 : messages.back().seq;
    auto page = engine.wait(engine.storage().messages().after(shown.conversation.id, after, 1000));
    if (page.empty()) return messages;
    std::ranges::move(page, std::back_inserter(messages));
  }
}

void show(const GlobalOptions& options, const std::string& text, bool all) {
  const Uuid id = id_argument("ID", text);
  Engine engine(options);
  const Shown shown = find(engine, id);
  const std::vector<Message> messages = messages_of(engine, shown, all);
  if (options.json) {
    JsonWriter out;
    out.object().member("conversation");
    write_conversation(out, shown.conversation);
    out.member("messages").array();
    for (const Message& message : messages) {
      out.object().member("id").value(message.id.str()).member("seq").value(message.seq);
      if (message.parent_id) out.member("parent_id").value(message.parent_id->str());
      out.member("role")
          .value(message.role)
          .member("created_at")
          .value(to_rfc3339(message.created_at));
      out.member("content").value(message.content);
      if (message.parts) out.member("parts").raw(message.parts->text);
      out.close();
    }
    std::puts(out.close().close().text().c_str());
    return;
  }
  const Conversation& conversation = shown.conversation;
  std::printf(
      "%s\n",
      bold(conversation.title.empty() ? "(untitled)" : printable(conversation.title)).c_str());
  std::printf(
      "%s\n\n",
      dim(std::format("{}  {} messages{}", conversation.id.str(), conversation.last_seq,
                      conversation.source ? "  from " + printable(*conversation.source) : ""))
          .c_str());
  for (const Message& message : messages) {
    const bool hit = shown.message && message.id == *shown.message;
    const std::string head = std::format("{}  {}", message.role, local_minute(message.created_at));
    std::printf("%s%s\n%s\n\n", hit ? yellow("> ").c_str() : "", bold(head).c_str(),
                printable_lines(message.content, "  ").c_str());
  }
}

void remove(const GlobalOptions& options, const std::string& text, bool purge) {
  const Uuid id = id_argument("ID", text);
  Engine engine(options);
  auto& conversations = engine.storage().conversations();
  const bool gone = engine.wait(purge ? conversations.purge(id) : conversations.erase(id));
  if (!gone) throw Error(ErrorKind::invalid_argument, "there is no conversation " + id.str());
  if (options.json) {
    std::puts(JsonWriter()
                  .object()
                  .member("deleted")
                  .value(id.str())
                  .member("purged")
                  .value(purge)
                  .close()
                  .text()
                  .c_str());
  } else {
    std::puts(purge ? "Removed, with its messages and embeddings."
                    : "Deleted: hidden everywhere; --purge removes it for good.");
  }
}

}  // namespace

void add_browse_commands(CLI::App& app, const GlobalOptions& options, int& /*exit_code*/) {
  CLI::App* list_command = app.add_subcommand("list", "The conversations, last changed first");
  const auto user = std::make_shared<std::string>();
  const auto limit = std::make_shared<std::int32_t>(20);
  list_command->add_option("--user", *user, "Only this user's");
  list_command->add_option("--limit", *limit, "How many")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000));
  list_command->callback([&options, user, limit] { list(options, *user, *limit); });

  CLI::App* show_command =
      app.add_subcommand("show", "Read a conversation, by its id or a message's");
  const auto id = std::make_shared<std::string>();
  const auto all = std::make_shared<bool>(false);
  show_command
      ->add_option("ID", *id, "Of a conversation, or of a message: then the branch up to it")
      ->required();
  show_command->add_flag("--all", *all, "Every branch, not only the current one");
  show_command->callback([&options, id, all] { show(options, *id, *all); });

  CLI::App* delete_command = app.add_subcommand("delete", "Delete a conversation");
  delete_command->require_subcommand(1);
  CLI::App* conversation =
      delete_command->add_subcommand("conversation", "Delete one conversation");
  const auto gone = std::make_shared<std::string>();
  const auto purge = std::make_shared<bool>(false);
  conversation->add_option("ID", *gone, "The conversation's id")->required();
  conversation->add_flag("--purge", *purge, "Remove its rows instead of hiding them");
  conversation->callback([&options, gone, purge] { remove(options, *gone, *purge); });
  conversation->fallthrough();
}

}  // namespace loci::app
