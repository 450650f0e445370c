// One look at a time, at what the store has; nothing is kept in memory but when to look.
#include "actors/expirer.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "actors/limits.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"

namespace parley {

bool clock_watch::believes(timestamp wall, instant steady) {
  jumped_ = false;
  if (const auto before = std::exchange(last_, std::pair{wall, steady})) {
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady - before->second);
    const auto shown = wall - before->first;
    jumped_ = std::chrono::abs(shown - passed) > limits::clock_jump;
  }
  if (jumped_)
    doubted_until_ = steady + limits::clock_trust;
  if (doubted_until_ && steady >= *doubted_until_)
    doubted_until_.reset();
  return !doubted_until_;
}

expirer::expirer(caf::actor_config& config, context_ptr context)
    : expirer_actor::base(config), context_(std::move(context)) {}

expirer::behavior_type expirer::make_behavior() {
  return {
      [this](const expiry_noted& message) { on_noted(message); },
      [this](const expiry_due& message) { on_due(message); },
      [this](const due_found& message) { on_found(message); },
  };
}

void expirer::on_noted(const expiry_noted& message) {
  if (reading_)
    again_ = true;
  else
    wake_at(message.earliest);
}

// Woken for an earlier moment it looks once more than needed, and finds nothing.
void expirer::on_due(const expiry_due& message) {
  if (waking_ == message.when) // whatever the clocks say by now
    waking_.reset();
  if (reading_)
    return;
  const instant now = context_->steady_clock();
  const timestamp wall = context_->wall_clock();
  const bool believed = clock_.believes(wall, now);
  if (clock_.jumped())
    context_->log->warn("clock_jumped nothing_expires_for_seconds={}",
                        std::chrono::seconds{limits::clock_trust}.count());
  if (!believed)
    return wake_in(limits::expiry_doubt);
  look(wall);
}

void expirer::look(timestamp wall) {
  reading_ = true;
  tell(this, context_->handles->reader,
       read_due{wall, behind_, context_->marks->committed(), handle_of<expirer_actor>(this)});
}

void expirer::on_found(const due_found& message) {
  reading_ = false;
  const bool was_full = message.found && message.found->more;
  behind_ = was_full ? message.found->place : std::string{};
  if (!message.found)
    return wake_in(limits::expiry_retry);
  have_deleted(*message.found);
  again_ = again_ || !message.found->items.empty();
  if (was_full)
    return look(context_->wall_clock());
  if (std::exchange(again_, false))
    wake_in(limits::expiry_retry); // to see that they are gone
  else if (message.found->next)
    wake_at(*message.found->next);
}

void expirer::have_deleted(const due_messages& found) {
  std::vector<due_message> items = found.items;
  std::sort(items.begin(), items.end(), [](const due_message& a, const due_message& b) {
    return std::tie(a.conversation, a.seq) < std::tie(b.conversation, b.seq);
  });
  std::vector<std::pair<conversation_id, expire_messages>> of_each;
  for (const auto& each : items) {
    if (of_each.empty() || of_each.back().first != each.conversation ||
        of_each.back().second.messages.size() == limits::erased_at_once)
      of_each.push_back({each.conversation, {}});
    of_each.back().second.messages.push_back(each.seq);
  }
  for (auto& [conversation, what] : of_each) {
    auto asked = std::make_shared<conversation_request>();
    asked->conversation = conversation;
    asked->what = std::move(what);
    tell(this, context_->handles->directory, ask{std::move(asked)});
  }
}

// Never far ahead: a clock that jumps is noticed on the way.
void expirer::wake_at(timestamp when) {
  const auto ahead = when - context_->wall_clock();
  wake_in(std::clamp<std::chrono::nanoseconds>(ahead, std::chrono::milliseconds{1},
                                               limits::expiry_longest_sleep));
}

void expirer::wake_in(std::chrono::nanoseconds delay) {
  const instant then = context_->steady_clock() + delay;
  if (waking_ && *waking_ <= then)
    return;
  waking_ = then;
  tell_later(this, handle_of<expirer_actor>(this), delay, expiry_due{then});
}

} // namespace parley
