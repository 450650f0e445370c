// What a conversation decides about its members' cursors: they may move beside messages that are
// under way, many in one record.
#include <algorithm>

#include "actors/conversation_state.hpp"
#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/rules.hpp"

namespace parley {

namespace {

receipt moved(receipt now, const mark_delivered& what, bool) {
  now.delivered = std::max(now.delivered, sequence{what.seq});
  return now;
}

receipt moved(receipt now, const mark_read& what, bool shows_reads) {
  now.read = std::max(now.read, sequence{what.seq});
  now.delivered = std::max(now.delivered, now.read); // what was seen has arrived
  if (shows_reads && !what.in_private.value_or(false))
    now.shown = std::max(now.shown, sequence{what.seq});
  return now;
}

// Others see it go back; forward only where they saw all of it, and still do.
receipt moved(receipt now, const mark_unread& what, bool shows_reads) {
  const sequence to = sequence{what.seq}.previous();
  now.shown = shows_reads && now.shown == now.read ? to : std::min(now.shown, to);
  now.read = to;
  now.delivered = std::max(now.delivered, now.read);
  return now;
}

/// What of a device by itself has moved, if it has a name and anything has.
template <class Command>
std::optional<device_receipt> moved_of_device(const member_cursors& before, const Command& what,
                                              timestamp now) {
  if (!what.device)
    return std::nullopt;
  const device_receipt* known = before.of(*what.device);
  const receipt stood = known ? receipt{known->delivered, known->read, known->read} : receipt{};
  const receipt stands = moved(stood, what, true);
  if (stands.delivered == stood.delivered && stands.read == stood.read)
    return std::nullopt;
  return device_receipt{*what.device, stands.delivered, stands.read, now};
}

} // namespace

template <class Command>
verdict conversation_state::move_cursor(const asker& who, const member_facts& as,
                                        const Command& what, timestamp now) {
  if (what.seq > head_.value() && what.seq <= newest().value())
    return wait{}; // it is on its way, and may still fail
  if (what.seq > head_.value())
    return refuse_with(who, error_code::bad_request, "`seq` is above the newest number");
  const member_cursors* before = receipts_.of(who.user);
  if (before == nullptr)
    return look_up_receipt{};
  receipt after = moved(before->now, what, receipts_.manner_of(who.user).shows_reads);
  after.read = std::max(after.read, as.joined_seq);
  after.shown = std::max(after.shown, as.joined_seq);
  moved_cursors all{after, moved_of_device(*before, what, now)};
  if (what.client)
    return move_for_ever(who, what, std::move(all), now);
  if (after == before->now && !all.device && receipts_.is_settled(who.user))
    return say{encode_ok(who.ref)};
  receipts_.gather(who.user, std::move(all));
  return gather{};
}

// A move that carries a client_id is under way alone, like every change: its key must not be
// answered from before it is on disk.
template <class Command>
verdict conversation_state::move_for_ever(const asker& who, const Command& what,
                                          moved_cursors after, timestamp now) {
  if (!in_flight_.empty() || receipts_.gathered() > 0)
    return wait{};
  receipts_.gather(who.user, std::move(after));
  auto moves = receipts_record(who.user, now);
  put_key(*moves, {id_, who.user, *what.client}, rules::fingerprint_of(what));
  return put_forward(std::move(moves), encode_ok(who.ref));
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const mark_delivered& what, timestamp now) {
  return move_cursor(who, as, what, now);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const mark_read& what, timestamp now) {
  return move_cursor(who, as, what, now);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const mark_unread& what, timestamp now) {
  if (what.seq == 0)
    return refuse_with(who, error_code::bad_request, "`seq` starts at 1");
  return move_cursor(who, as, what, now);
}

verdict conversation_state::decide_on(const asker&, const member_facts&, const get_devices& what,
                                      timestamp) {
  return inquire{what, last_position_};
}

bool conversation_state::needs_receipt(const asker& who, const conversation_command& what) const {
  return exists_ && moves_cursors(what) && member(who.user) != nullptr && !receipts_.of(who.user);
}

std::optional<propose> conversation_state::write_receipts(timestamp now) {
  if (receipts_.gathered() == 0 || failing_)
    return std::nullopt;
  return put_forward(receipts_record({}, now), {});
}

std::shared_ptr<record> conversation_state::receipts_record(const user_id& actor, timestamp now) {
  auto made = next_record(record_kind::receipts, actor, now);
  made->receipts = receipts_.take(next_number_);
  made->receipts_are_private = members_.size() > limits::receipt_audience || !blockers_.empty();
  if (actor.empty())
    made->actor = made->receipts.front().user;
  return made;
}

} // namespace parley
