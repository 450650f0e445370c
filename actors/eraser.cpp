// One question, one step, and again, until there is nothing left to do.
#include "actors/eraser.hpp"

#include <utility>

#include "actors/erasure_desk.hpp"
#include "actors/limits_of_erasures.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"

namespace parley {

eraser::eraser(caf::actor_config& config, context_ptr context)
    : eraser_actor::base(config), context_(std::move(context)) {}

eraser::behavior_type eraser::make_behavior() {
  return {
      [this](const erasure_due& message) { on_due(message); },
      [this](const erasures_found& message) { on_found(message); },
      [this](const erasure_work_found& message) { on_work(message); },
      [this](const erasure_settled& message) { on_settled(message); },
      [this](const name_is_free& message) { context_->erasing->end(message.user); },
  };
}

void eraser::on_due(const erasure_due& message) {
  if (message.look == 0 || message.look == awaited_)
    look();
}

void eraser::look() {
  if (is_busy_) {
    again_ = true;
    return;
  }
  is_busy_ = true;
  again_ = false;
  const auto tell_us =
      [self = handle_of<eraser_actor>(this)](result<std::vector<user_erasure>> found) {
        tell_from_outside(self, erasures_found{std::move(found)});
      };
  tell(this, context_->handles->reader,
       read_erasures{find_erasures{{}, tell_us}, context_->marks->committed()});
}

// Whoever is on the list may not speak, also when the server has just begun.
void eraser::on_found(const erasures_found& message) {
  is_busy_ = false;
  if (!message.found)
    return look_in(limits::erasure_retry);
  at_hand_ = next_of(*message.found);
  if (at_hand_)
    return go_on();
  if (!waiting_.empty())
    look_in(limits::erasure_hold_pause);
  waiting_.clear();
  if (again_)
    look();
}

std::optional<user_erasure> eraser::next_of(const std::vector<user_erasure>& all) {
  std::optional<user_erasure> next;
  for (const auto& each : all) {
    if (each.phase == erasure_phase::done)
      continue;
    if (!each.user.empty())
      context_->erasing->begin(each.user);
    if (!next && !waiting_.contains(each.id))
      next = each;
  }
  return next;
}

void eraser::go_on() {
  if (at_hand_->phase == erasure_phase::forgetting) {
    if (at_hand_->forgotten)
      return write_down(erasure_phase::done);
    return look_in(limits::erasure_pause); // the store is at it
  }
  if (ended_ != at_hand_->id)
    for (const auto& shard : context_->handles->shards)
      tell(this, shard, user_ended{at_hand_->user});
  if (ended_ != at_hand_->id) {
    place_ = {};
    asked_ = {};
    found_any_ = false;
    passed_ = 0;
  }
  ended_ = at_hand_->id;
  look_for_work();
}

void eraser::look_for_work() {
  is_busy_ = true;
  const auto tell_us = [self = handle_of<eraser_actor>(this)](result<erasure_work> found) {
    tell_from_outside(self, erasure_work_found{std::move(found)});
  };
  tell(this, context_->handles->reader,
       read_erasures{find_erasure_work{{at_hand_->user, at_hand_->policy, place_}, tell_us},
                     context_->marks->committed()});
}

void eraser::on_work(const erasure_work_found& message) {
  is_busy_ = false;
  if (!message.found)
    return look_in(limits::erasure_retry);
  passed_ += message.found->held;
  if (message.found->conversation.empty()) {
    if (!found_any_ && passed_ > 0)
      return wait_for_holds(passed_);
    if (!found_any_)
      return write_down(erasure_phase::forgetting);
    found_any_ = false; // once more from the first: what was asked for must have been done
    passed_ = 0;
    place_ = {};
    return look_for_work();
  }
  const erasure_work& work = *message.found;
  const bool only_looked = work.messages.empty() && work.next != place_;
  place_ = work.messages.empty()
               ? work.next
               : erasure_place{work.conversation, work.messages.front().previous()};
  if (only_looked)
    return look_for_work();
  found_any_ = true;
  const bool is_asked =
      work.conversation == asked_.conversation && work.messages == asked_.messages;
  if (!is_asked || ++looks_ == limits::erasure_looks)
    do_in(work);
  look_in(limits::erasure_pause);
}

// Asked twice, a conversation does it once; but it is left alone until it has.
void eraser::do_in(const erasure_work& what) {
  asked_ = what;
  looks_ = 0;
  auto asked = std::make_shared<conversation_request>();
  asked->conversation = what.conversation;
  asked->what = erase_user{at_hand_->user, what.messages};
  tell(this, context_->handles->directory, ask{std::move(asked)});
}

// Others who are to be erased need not wait with them.
void eraser::wait_for_holds(std::uint64_t held) {
  if (std::exchange(held_[at_hand_->id], held) != held)
    context_->log->info("user_erasure_waits receipt={} held={}", in_quotes(at_hand_->id), held);
  waiting_.insert(at_hand_->id);
  ended_.reset(); // it begins from the first place on
  look();
}

void eraser::write_down(erasure_phase next) {
  is_busy_ = true;
  user_erasure step = *at_hand_;
  step.phase = next;
  if (next == erasure_phase::done)
    step.user = user_id{};
  append what{{}, {}, record_of_erasure(step, context_->wall_clock()), {}};
  what.told = [self = handle_of<eraser_actor>(this)](outcome how) {
    tell_from_outside(self, erasure_settled{std::move(how)});
  };
  is_last_ = next == erasure_phase::done;
  tell(this, context_->handles->log_writer, std::move(what));
}

// That is on disk. What was said of them last, such as when they were seen, must have been thrown
// away before.
void eraser::free_name() {
  held_.erase(at_hand_->id);
  const user_id& name = at_hand_->user;
  tell(this, context_->handles->directory, user_forgotten{name});
  tell(this, context_->handles->presences, user_forgotten{name});
  tell_later(this, handle_of<eraser_actor>(this), limits::erased_name_stays, name_is_free{name});
  context_->log->info("user_erased receipt={} policy={}", in_quotes(at_hand_->id),
                      to_string(at_hand_->policy));
}

void eraser::on_settled(const erasure_settled& message) {
  is_busy_ = false;
  if (message.how && std::exchange(is_last_, false)) {
    free_name();
    of(context_->metrics->erasures, erasing_stage::ended).add();
  }
  if (message.how)
    look();
  else
    look_in(limits::erasure_retry);
}

void eraser::look_in(std::chrono::nanoseconds delay) {
  tell_later(this, handle_of<eraser_actor>(this), delay, erasure_due{++awaited_});
}

} // namespace parley
