// What a conversation decides about its oldest events, which go when their time is over, and about
// holds, under which nothing goes.
#include "actors/conversation_state.hpp"
#include "actors/encoding.hpp"
#include "actors/rules.hpp"

namespace parley {

bool conversation_state::take_trim_note(const retention_bounds& server) {
  const std::uint64_t most = stricter_of(moderated_.retention, server).messages;
  const bool grew = most > 0 && messages_.value() > most && messages_ > noted_;
  noted_ = messages_;
  return std::exchange(retention_moved_, false) || grew;
}

// What was found out may be old by now: somebody may have settled otherwise, or holds it.
verdict conversation_state::decide_trim(const trim_events& what, timestamp now) {
  if (!exists_ || held_)
    return say{};
  if (!in_flight_.empty() || receipts_.gathered() > 0)
    return wait{};
  if (what.settled != moderated_.retention || what.kept_from <= kept_from_ ||
      what.kept_from > head_.next())
    return say{};
  auto trimmed = next_record(record_kind::trimmed, {}, now);
  trimmed->change = std::make_shared<message_change>(message_change{what.kept_from, {}});
  return put_forward(std::move(trimmed), {});
}

// Whoever asks is an administrator: their connection has seen to it.
verdict conversation_state::decide_hold(const asker& who, const hold_conversation& what,
                                        timestamp now) {
  if (!exists_)
    return not_found(who);
  if (!in_flight_.empty() || receipts_.gathered() > 0)
    return wait{};
  const bool is_so = held_ == what.on;
  if (is_so && !what.client)
    return say{encode_ok(who.ref)};
  const record_kind kind = is_so     ? record_kind::noted
                           : what.on ? record_kind::held
                                     : record_kind::released;
  auto settled = next_record(kind, who.user, now);
  if (what.client)
    put_key(*settled, {id_, who.user, *what.client}, rules::fingerprint_of(what));
  return put_forward(std::move(settled), encode_ok(who.ref));
}

void conversation_state::apply_retention(const record& what) {
  if (is_about_holds(what.kind)) {
    held_ = what.kind == record_kind::held;
    retention_moved_ = retention_moved_ || !held_;
    return;
  }
  kept_from_ = what.change->message;
  tail_.forget_before(kept_from_);
  pins_.erase(pins_.begin(), pins_.lower_bound(kept_from_));
  beginnings_.erase(beginnings_.begin(), beginnings_.lower_bound(kept_from_));
  changed_.erase(changed_.begin(), changed_.lower_bound(kept_from_));
}

} // namespace parley
