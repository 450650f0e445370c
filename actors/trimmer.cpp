// One look at a time; what is due is what the store says.
#include "actors/trimmer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "actors/limits.hpp"
#include "actors/limits_retention.hpp"

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
  if (!reading_)
    wake_in(limits::trim_pause);
}

// Those for which there is no room the walk finds.
void trimmer::note(const conversation_id& conversation) {
  if (noted_.size() < limits::trims_noted)
    noted_.insert(conversation);
}

// While the clock is not believed, what is counted goes all the same.
void trimmer::on_due(const trim_due& message) {
  if (waking_ == message.when)
    waking_.reset();
  if (reading_)
    return;
  const bool believed = clock_.believes(context_->wall_clock(), context_->steady_clock());
  if (clock_.jumped())
    spdlog::warn("clock_jumped nothing_is_old_for_seconds={}",
                 std::chrono::seconds{limits::clock_trust}.count());
  look(believed);
}

// The walk waits behind those that were noted, but every other look is its own.
void trimmer::look(bool by_time) {
  const instant now = context_->steady_clock();
  const bool walk_is_due = !walk_at_ || *walk_at_ <= now;
  if (noted_.empty() && !walk_is_due)
    return wake_in(*walk_at_ - now);
  walking_ = walk_is_due && (noted_.empty() || !walking_);
  retention_question asked{context_->retention, context_->wall_clock(), by_time, {}, {}};
  if (walking_) {
    if (behind_.empty())
      round_began_ = now;
    asked.behind = behind_;
  } else {
    const auto end =
        std::next(noted_.begin(),
                  static_cast<std::ptrdiff_t>(std::min(noted_.size(), limits::trims_at_once)));
    asked.named.assign(noted_.begin(), end);
    noted_.erase(noted_.begin(), end);
  }
  reading_ = true;
  tell(this, context_->handles->reader,
       read_trimmable{std::move(asked), context_->marks->committed(),
                      handle_of<trimmer_actor>(this)});
}

// What goes is looked at again: it may have been a portion.
void trimmer::on_found(const trimmable_found& message) {
  reading_ = false;
  const instant now = context_->steady_clock();
  if (message.found) {
    for (const auto& each : message.found->items) {
      have_trimmed(each);
      note(each.conversation);
    }
    for (const auto& each : message.found->left)
      note(each);
  }
  if (walking_) {
    if (message.found)
      behind_ = message.found->next.value_or(std::string{});
    walk_at_ = message.found && behind_.empty()
                   ? std::max(round_began_ + limits::trim_round, now + limits::trim_pause)
                   : now + limits::trim_pause;
  }
  wake_in(noted_.empty() ? *walk_at_ - now : limits::trim_pause);
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
