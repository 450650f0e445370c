// One look at a time; what is due is what the store says.
#include "actors/trimmer.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits.hpp"
#include "actors/limits_retention.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"

namespace parley {

trimmer::trimmer(caf::actor_config& config, context_ptr context)
    : trimmer_actor::base(config), context_(std::move(context)) {}

trimmer::behavior_type trimmer::make_behavior() {
  return {
      [this](const trim_noted& message) { on_noted(message); },
      [this](const trim_due& message) { on_due(message); },
      [this](const trimmable_found& message) { on_found(message); },
  };
}

void trimmer::on_noted(const trim_noted& message) {
  note(message.conversation);
  if (!reading_ && !noted_.empty())
    wake_in(std::max<std::chrono::nanoseconds>(limits::trim_pause,
                                               not_before_ - context_->steady_clock()));
}

// Those for which there is no room the walk finds. Those that rest are looked at behind that.
void trimmer::note(const conversation_id& conversation) {
  if (const auto known = known_.find(conversation); known != known_.end()) {
    if (known->second == standing::asked)
      known->second = standing::noted_again;
    return;
  }
  if (noted_.size() >= limits::trims_noted)
    return;
  known_.emplace(conversation, standing::noted);
  noted_.push_back(conversation);
}

void trimmer::note_rested() {
  const instant now = context_->steady_clock();
  while (!resting_.empty() && resting_.front().until <= now) {
    const conversation_id rested = std::move(resting_.front().conversation);
    resting_.pop_front();
    known_.erase(rested);
    note(rested);
  }
}

// While the clock is not believed, what is counted goes all the same.
void trimmer::on_due(const trim_due& message) {
  if (waking_ == message.when)
    waking_.reset();
  if (reading_)
    return;
  const bool believed = clock_.believes(context_->wall_clock(), context_->steady_clock());
  if (clock_.jumped())
    context_->log->warn("clock_jumped nothing_is_old_for_seconds={}",
                        std::chrono::seconds{limits::clock_trust}.count());
  look(believed);
}

// The walk waits behind those that were noted, but every other look is its own.
void trimmer::look(bool by_time) {
  const instant now = context_->steady_clock();
  note_rested();
  const bool walk_is_due = !walk_at_ || *walk_at_ <= now;
  if (now < not_before_ || (noted_.empty() && !walk_is_due))
    return wake_in(until_next_look());
  walking_ = walk_is_due && (noted_.empty() || !walking_);
  retention_question asked{context_->retention, context_->wall_clock(), by_time, {}, {}};
  if (walking_) {
    if (behind_.empty())
      round_began_ = now;
    asked.behind = behind_;
  } else {
    ask_about_noted(asked);
  }
  reading_ = true;
  tell(this, context_->handles->reader,
       read_trimmable{std::move(asked), context_->marks->committed(),
                      handle_of<trimmer_actor>(this)});
}

void trimmer::ask_about_noted(retention_question& to) {
  while (!noted_.empty() && asked_.size() < limits::trims_at_once) {
    known_[noted_.front()] = standing::asked;
    asked_.push_back(std::move(noted_.front()));
    noted_.pop_front();
  }
  to.named = asked_;
}

void trimmer::on_found(const trimmable_found& message) {
  reading_ = false;
  const instant now = context_->steady_clock();
  if (message.found) {
    take_in(*message.found);
    if (walking_)
      behind_ = message.found->next.value_or(std::string{});
  } else {
    context_->log->warn("trimming_waits reason={}", in_quotes(message.found.error().message));
    not_before_ = now + limits::trim_rest;
    for (const auto& each : asked_)
      known_[each] = standing::noted_again;
  }
  end_asking();
  if (walking_)
    walk_at_ = message.found && behind_.empty()
                   ? std::max(round_began_ + limits::trim_round, now + limits::trim_pause)
                   : now + limits::trim_pause;
  wake_in(until_next_look());
}

// What is known is looked at by itself, so the walk leaves it alone.
void trimmer::take_in(const trimmable_events& found) {
  const instant now = context_->steady_clock();
  for (const auto& each : found.items) {
    const auto known = known_.find(each.conversation);
    if (walking_ && known != known_.end())
      continue;
    have_trimmed(each);
    if (each.more) {
      note(each.conversation);
      continue;
    }
    known_[each.conversation] = standing::resting;
    resting_.push_back({each.conversation, now + limits::trim_again});
  }
  for (const auto& each : found.left)
    note(each);
}

// Those that are to be looked at once more go behind the others.
void trimmer::end_asking() {
  for (auto& each : asked_) {
    const auto known = known_.find(each);
    if (known->second == standing::resting)
      continue;
    if (known->second == standing::asked) {
      known_.erase(known);
      continue;
    }
    known->second = standing::noted;
    noted_.push_back(std::move(each));
  }
  asked_.clear();
}

std::chrono::nanoseconds trimmer::until_next_look() const {
  const instant now = context_->steady_clock();
  instant next = walk_at_ ? *walk_at_ : now;
  if (!noted_.empty())
    next = now + limits::trim_pause;
  if (!resting_.empty())
    next = std::min(next, resting_.front().until);
  return std::max({next, not_before_, now}) - now;
}

void trimmer::have_trimmed(const trimmable_conversation& which) {
  auto asked = std::make_shared<conversation_request>();
  asked->conversation = which.conversation;
  asked->what = trim_events{which.kept_from, which.settled};
  tell(this, context_->handles->directory, ask{std::move(asked)});
}

void trimmer::wake_in(std::chrono::nanoseconds delay) {
  const instant then = context_->steady_clock() + delay;
  if (waking_ && *waking_ <= then)
    return;
  waking_ = then;
  tell_later(this, handle_of<trimmer_actor>(this), delay, trim_due{then});
}

} // namespace parley
