// When a session is told how far it has everything: with an event if it can be, else soon after.
#include <algorithm>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/shard_state.hpp"

namespace parley {

namespace {

/// So many conversations of a session are looked at one by one.
constexpr std::size_t few = 8;

} // namespace

void shard_state::touch(session& who) {
  if (!std::exchange(who.owes_checkpoint, true))
    touched_.push_back(&who);
}

// A checkpoint beside the event costs no system call of its own; busy sessions get one now and
// then.
void shard_state::settle_checkpoints(instant now) {
  for (session* who : touched_) {
    const bool rested = now - who->checkpointed_at >= limits::checkpoint_interval;
    if (rested && who->whole_up_to(at_) >= at_ && shown_up_to(*who) >= at_)
      send_checkpoint(*who, now);
    else
      owed_.push_back({who->number(), now + limits::checkpoint_interval});
  }
  touched_.clear();
}

void shard_state::send_due_checkpoints(instant now) {
  while (!owed_.empty() && owed_.front().due <= now) {
    session* to = find(owed_.front().session);
    owed_.pop_front();
    if (to != nullptr && to->phase() == session_phase::live)
      send_checkpoint(*to, now);
  }
}

// It never passes receipts that wait to be shown; then another one follows.
void shard_state::send_checkpoint(session& to, instant now) {
  const position whole = to.whole_up_to(at_);
  const position up_to = std::min(whole, shown_up_to(to));
  const std::string cursor = cursors_.seal(to.who().user, up_to);
  push_answer(to, encode_cursor("checkpoint", cursor), now);
  to.checkpointed_at = now;
  to.owes_checkpoint = up_to < whole;
  if (to.owes_checkpoint)
    owed_.push_back({to.number(), now + limits::checkpoint_interval});
}

position shard_state::shown_up_to(session& who) const {
  if (who.subscriptions().size() > few)
    return recent_receipts_.shown_up_to(at_);
  position up_to = at_;
  for (const auto& conversation : who.subscriptions())
    if (const auto* waiting = recent_receipts_.find(conversation))
      up_to = std::min(up_to, waiting->before);
  return up_to;
}

} // namespace parley
