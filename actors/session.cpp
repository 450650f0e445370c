// Bounds what waits for one session, and keeps account of what it was not sent.
#include "actors/session.hpp"

#include <algorithm>
#include <utility>

#include "actors/encoding.hpp"
#include "actors/fault.hpp"
#include "actors/limits.hpp"

namespace parley {

bool session::wants_commands() const noexcept {
  return phase_ != session_phase::closing && commands_.size() < limits::commands_in_flight &&
         out_.bytes() <= limits::outbox_bytes;
}

bool session::keeps_up() const noexcept {
  return gaps_.empty() && out_.bytes() <= limits::outbox_bytes / 2;
}

void session::admit(identity who, reference ref) {
  who_ = std::move(who);
  greeting_ref_ = std::move(ref);
  phase_ = session_phase::admitted;
}

void session::go_live(position seen) {
  seen_ = seen;
  phase_ = session_phase::live;
}

void session::close(session_end how) {
  if (end_)
    return;
  end_ = std::move(how);
  phase_ = session_phase::closing;
}

void session::push_answer(chunk_ptr what, instant now) {
  if (phase_ == session_phase::closing)
    return;
  if (out_.empty())
    progress_at_ = now;
  out_.push(std::move(what), now);
  if (out_.bytes() > limits::outbox_hard_bytes && !mutant("unbounded_outbox"))
    close({close_code::too_slow_or_fast, "too slow"});
}

bool session::over_bound(std::size_t more, instant now) const {
  return !mutant("unbounded_outbox") &&
         (out_.bytes() + more > limits::outbox_bytes ||
          (!out_.empty() && now - out_.oldest() > limits::outbox_age));
}

void session::push_events(const conversation_id& conversation, sequence first, sequence last,
                          position at, const chunk_ptr& what, instant now) {
  if (phase_ == session_phase::closing)
    return;
  auto open = gaps_.find(conversation);
  if (open != gaps_.end() && !open->second.back().told) {
    open->second.back().last = last;
  } else if (!out_.empty() && over_bound(what->msgpack().size(), now)) {
    gaps_[conversation].push_back({first, last, at.previous(), false});
  } else {
    push_answer(what, now);
  }
}

void session::push_last_event(const conversation_id& conversation, const chunk_ptr& what,
                              instant now) {
  if (auto open = gaps_.find(conversation); open != gaps_.end()) {
    for (auto& gap : open->second)
      tell(conversation, gap, now);
    set_aside_.insert(gaps_.extract(open));
  }
  forget_soft(receipt_prefix(conversation));
  push_answer(what, now);
}

// The lengths in front keep one's keys from beginning another's.
std::string session::receipt_key(const conversation_id& conversation, const user_id& user) {
  return receipt_prefix(conversation) + std::to_string(user.str().size()) + " " + user.str();
}

std::string session::receipt_prefix(const conversation_id& conversation) {
  return "receipt " + std::to_string(conversation.str().size()) + " " + conversation.str();
}

void session::push_soft(std::string key, chunk_ptr what, instant now, position before) {
  if (phase_ != session_phase::live)
    return;
  if (takes_soft())
    return push_answer(std::move(what), now);
  if (!soft_)
    soft_ = std::make_unique<soft_lane>();
  soft_before_ = std::min(soft_before_, before);
  soft_->put(std::move(key), std::move(what)); // behind what waits already, or in its place
  tell_soft(now);
}

void session::tell_soft(instant now) {
  while (soft_ && !soft_->empty() && keeps_up() && phase_ == session_phase::live)
    push_answer(soft_->take(), now);
  end_soft_if_empty();
}

void session::forget_soft(std::string_view prefix) {
  if (soft_)
    soft_->drop(prefix);
  end_soft_if_empty();
}

// What waited holds no checkpoint any more.
void session::end_soft_if_empty() {
  if (!soft_ || !soft_->empty())
    return;
  soft_.reset();
  soft_before_ = latest;
}

void session::remember_gap(const conversation_id& conversation, const open_gap& gap) {
  gaps_[conversation].push_back(gap);
}

void session::set_gap_aside(const conversation_id& conversation, const open_gap& gap) {
  set_aside_[conversation].push_back(gap);
}

void session::rejoined(const conversation_id& conversation) {
  if (auto back = set_aside_.find(conversation); back != set_aside_.end())
    gaps_.insert(set_aside_.extract(back));
}

void session::pulled(const conversation_id& conversation, sequence first, sequence last) {
  auto open = gaps_.find(conversation);
  if (open == gaps_.end())
    return;
  std::vector<open_gap> rest;
  for (const auto& gap : open->second) {
    if (!gap.told || last < gap.first || first > gap.last) {
      rest.push_back(gap);
      continue;
    }
    if (gap.first < first)
      rest.push_back({gap.first, first.previous(), gap.before, true});
    if (last < gap.last)
      rest.push_back({last.next(), gap.last, gap.before, true});
  }
  if (rest.empty())
    gaps_.erase(open);
  else
    open->second = std::move(rest);
}

void session::progressed(instant now) {
  progress_at_ = now;
  if (!gaps_.empty() && out_.bytes() <= limits::outbox_bytes / 2)
    tell_gaps(now);
  tell_soft(now);
}

void session::tell_gaps(instant now) {
  for (auto& [conversation, gaps] : gaps_)
    for (auto& gap : gaps)
      tell(conversation, gap, now);
}

void session::tell(const conversation_id& conversation, open_gap& gap, instant now) {
  if (!std::exchange(gap.told, true))
    push_answer(std::make_shared<chunk>(encode_gap(conversation, gap.first, gap.last)), now);
}

position session::whole_up_to(position shard_at) const {
  position whole = std::min(std::max(shard_at, seen_), soft_before_);
  for (const auto& [conversation, gaps] : gaps_)
    for (const auto& gap : gaps)
      whole = std::min(whole, gap.before);
  return whole;
}

bool session::too_slow(instant now) const {
  const bool stalled = !out_.empty() && now - progress_at_ > limits::outbox_stall;
  std::size_t open = 0;
  for (const auto* each : {&gaps_, &set_aside_})
    for (const auto& [conversation, gaps] : *each)
      open += gaps.size();
  return stalled || open > limits::gaps_per_session;
}

} // namespace parley
