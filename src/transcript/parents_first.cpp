#include "transcript/parents_first.hpp"

#include <loci/base/json_writer.hpp>

#include "transcript/draft_building.hpp"
#include "transcript/session_text.hpp"

#include <unordered_set>
#include <utility>

namespace loci::transcript {

ParentsFirst::ParentsFirst(Sink& sink, std::string lost_parent, std::size_t most_held)
    : sink_(sink), lost_parent_(std::move(lost_parent)), most_held_(most_held) {}

bool ParentsFirst::add(const std::string& id, const std::optional<std::string>& parent,
                       MessageDraft message, const Place& place) {
  Ancestor above = ancestor(parent);  // looked up first: a message is not its own parent
  const auto [known, is_new] = messages_.try_emplace(key(id));
  if (!is_new) return false;
  if (message.source_id != id) known->second.source_id = keep_text(message.source_id);

  Held held{id, {}, parent, std::move(message), place};
  if (above.state == Ancestor::State::missing) {
    held.waits_for = std::move(above.id);
    hold(std::move(held));
    while (held_bytes_ > most_held_) give_up_on_oldest();
    return true;
  }
  hand_over(std::move(held),
            above.state == Ancestor::State::none ? std::nullopt : std::optional(above.id));
  hand_over_below(id);
  return true;
}

void ParentsFirst::pass_through(const std::string& id, const std::optional<std::string>& parent) {
  if (contains(id)) return;
  const Ancestor above = ancestor(parent);
  const bool is_new =
      passages_.try_emplace(key(id), above.id.empty() ? 0 : keep_text(above.id)).second;
  if (is_new) hand_over_below(id);
}

void ParentsFirst::finish() {
  while (!held_.empty()) give_up_on_oldest();
  messages_.clear();
  passages_.clear();
  waiting_.clear();
  texts_.resize(1);
}

// The message that stands for `id`: itself, or what the records that are no messages lead to.
ParentsFirst::Ancestor ParentsFirst::ancestor(const std::optional<std::string>& id) const {
  using enum Ancestor::State;
  if (!id) return {};
  constexpr int most_steps = 1000;  // records that lead to each other in a circle lead nowhere
  std::string at = *id;
  for (int step = 0; step < most_steps; ++step) {
    const Uuid its_key = key(at);
    if (const auto known = messages_.find(its_key); known != messages_.end()) {
      return {known->second.held ? missing : handed_over, std::move(at)};
    }
    const auto passage = passages_.find(its_key);
    if (passage == passages_.end()) return {missing, std::move(at)};
    if (passage->second == 0) return {};
    at = texts_[passage->second];
  }
  return {};
}

void ParentsFirst::hold(Held held) {
  const Uuid its_key = key(held.id);
  messages_[its_key].held = true;
  held_bytes_ += held_size(held.message);
  waiting_[key(held.waits_for)].push_back(next_number_);
  number_of_[its_key] = next_number_;
  held_.emplace(next_number_++, std::move(held));
}

ParentsFirst::Held ParentsFirst::take_held(std::uint64_t number) {
  Held held = std::move(held_.extract(number).mapped());
  const Uuid its_key = key(held.id);
  held_bytes_ -= held_size(held.message);
  number_of_.erase(its_key);
  messages_[its_key].held = false;
  return held;
}

void ParentsFirst::hand_over(Held held, const std::optional<std::string>& parent) {
  if (parent) {
    const std::uint32_t source_id = messages_[key(*parent)].source_id;
    held.message.parent = source_id == 0 ? *parent : texts_[source_id];
  }
  if (held.named_parent && held.named_parent != parent) {
    std::string value;
    append_json_string(value, *held.named_parent);
    held.message.metadata = with_member(std::move(held.message.metadata), lost_parent_, value);
  }
  sink_.message(std::move(held.message));
}

// Everything that waited for `id`, and what waited for that, without recursion.
void ParentsFirst::hand_over_below(const std::string& id) {
  handed_over_.push_back(id);
  while (!handed_over_.empty()) {
    const auto waiting = waiting_.extract(key(handed_over_.back()));
    handed_over_.pop_back();
    if (waiting.empty()) continue;
    for (const std::uint64_t number : waiting.mapped()) {
      if (held_.contains(number)) settle(number);
    }
  }
}

// What a held message waited for has come: hands it over, or lets it wait for what is above that.
void ParentsFirst::settle(std::uint64_t number) {
  Held& waiting = held_.at(number);
  Ancestor above = ancestor(waiting.waits_for);
  if (above.state == Ancestor::State::missing) {
    waiting.waits_for = std::move(above.id);
    waiting_[key(waiting.waits_for)].push_back(number);
    return;
  }
  Held held = take_held(number);
  handed_over_.push_back(held.id);
  hand_over(std::move(held),
            above.state == Ancestor::State::none ? std::nullopt : std::optional(above.id));
}

// Hands over the topmost held message above the oldest one, without a parent, and all below it.
void ParentsFirst::give_up_on_oldest() {
  std::uint64_t number = held_.begin()->first;
  std::unordered_set<std::uint64_t> passed{number};
  for (;;) {
    const auto above = number_of_.find(key(held_.at(number).waits_for));
    if (above == number_of_.end() || !passed.insert(above->second).second) break;
    number = above->second;
  }
  Held held = take_held(number);
  skip_note(sink_, held.place, "the parent is not in the file; taken without one");
  const std::string id = held.id;
  hand_over(std::move(held), std::nullopt);
  hand_over_below(id);
}

std::uint32_t ParentsFirst::keep_text(const std::string& text) {
  if (texts_.size() == 1 || texts_.back() != text) texts_.push_back(text);
  return static_cast<std::uint32_t>(texts_.size() - 1);
}

}  // namespace loci::transcript
