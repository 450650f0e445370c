// What a shard does with each batch of the log: acknowledgements, then events, in log order.
#include <algorithm>

#include "actors/encoding.hpp"
#include "actors/fault.hpp"
#include "actors/limits.hpp"
#include "actors/shard_state.hpp"

namespace parley {

namespace {

std::size_t size_of(const committed_batch& batch) {
  std::size_t bytes = 0;
  for (const auto& each : batch.records)
    bytes += memory_of(*each);
  for (const auto& each : batch.acks)
    bytes += sizeof(reply) + each.envelope.size();
  return bytes;
}

} // namespace

void shard_state::commit(std::shared_ptr<const committed_batch> batch, instant now) {
  at_ = batch->at;
  deliver_acks(*batch, now);
  deliver_events(*batch, now);
  remember(std::move(batch));
  show_due_receipts(now);
  settle_checkpoints(now); // behind the events and receipts that they cover
  send_due_checkpoints(now);
}

void shard_state::deliver_acks(const committed_batch& batch, instant now) {
  for (const auto& ack : batch.acks)
    if (ack.to.shard == index_)
      if (session* to = find(ack.to.number)) {
        metrics_->answers.add(ack.envelope.empty() ? 0 : 1);
        if (const auto begun = std::exchange(to->measured_send, std::nullopt))
          metrics_->send_latency.observe(now - *begun);
        failpoint("shard.before_acknowledgement");
        push_answer(*to, ack.envelope, now);
        finish_command(*to);
      }
}

void shard_state::deliver_events(const committed_batch& batch, instant now) {
  auto next = batch.records.begin();
  while (next != batch.records.end())
    next = deliver_run(next, batch.records.end(), batch.at, now);
}

/// Delivers the longest run of messages of one conversation, or one change of its members, and
/// returns what follows it.
shard_state::record_iterator shard_state::deliver_run(record_iterator begin, record_iterator end,
                                                      position at, instant now) {
  const record& first = **begin;
  if (first.kind == record_kind::receipts)
    collect_receipts(first, at, now);
  if (first.kind == record_kind::notified)
    show_notices(first, at, now);
  if (is_private(first.kind))
    show_to_actor(first, at, now);
  if (first.kind == record_kind::trimmed)
    show_trimmed(first, at, now);
  if (!is_numbered(first.kind))
    return begin + 1;
  if (first.kind == record_kind::invited || !first.uninvited.empty())
    show_invitations(first, at, now);
  if (!first.joined.empty())
    subscribe_joined(first, at, now);
  if (first.left) {
    deliver_left(first, at, now);
    return begin + 1;
  }
  if (first.kind == record_kind::deleted) {
    deliver_deleted(first, at, now);
    return begin + 1;
  }
  auto last = begin + 1;
  std::size_t bytes = first.event.size();
  while (last != end && bytes < limits::outgoing_message_bytes &&
         first.kind == record_kind::message && (*last)->conversation == first.conversation &&
         (*last)->kind == record_kind::message)
    bytes += (*last++)->event.size();
  auto local = by_conversation_.find(first.conversation);
  if (local == by_conversation_.end())
    return last;
  std::string envelopes;
  envelopes.reserve(bytes);
  for (auto each = begin; each != last; ++each)
    envelopes += (*each)->event;
  const chunk_ptr what = make_chunk(std::move(envelopes));
  failpoint("shard.before_fan_out");
  const chunk_ptr left =
      first.change && !first.change->unseen_by.empty() ? make_chunk(left_of_edit(first)) : nullptr;
  std::size_t receivers = 0;
  for (session* to : local->second)
    if (at > to->seen() && !mutant("drop_fan_out")) {
      const bool sees = !left || !is_unseen(first, to->who().user);
      push_events(*to, first, **(last - 1), at, sees ? what : left, now);
      ++receivers;
    }
  failpoint("shard.after_fan_out");
  metrics_->deliveries.add(receivers * static_cast<std::size_t>(last - begin));
  return last;
}

bool shard_state::is_unseen(const record& edited, const user_id& by) {
  const auto& unseen = edited.change->unseen_by;
  return std::binary_search(unseen.begin(), unseen.end(), by);
}

// Its number is theirs like any other.
std::string shard_state::left_of_edit(const record& edited) {
  return encode_edit_tombstone(edited.conversation, edited.change->message,
                               {edited.seq, edited.actor, edited.at})
      .event;
}

void shard_state::push_events(session& to, const record& first, const record& last, position at,
                              const chunk_ptr& what, instant now) {
  to.push_events(first.conversation, first.seq, last.seq, at, what, now);
  touch(to);
  port_.wake(to);
}

/// What a record says to the devices of the one who asked for it, and to nobody else.
std::string shard_state::told_to_actor(const record& what) {
  if (is_about_users(what.kind))
    return encode_blocked(*what.left, what.kind == record_kind::unblocked);
  if (what.kind == record_kind::tuned)
    return encode_notification_settings({}, what.told->settings);
  if (what.kind == record_kind::profiled)
    return encode_profile({}, what.actor, *what.told->profile);
  if (what.kind == record_kind::dismissed)
    return encode_dismissed(what.told->dismissed);
  if (what.kind == record_kind::thread_read)
    return encode_thread_read(what.conversation, what.change->message,
                              what.receipts.front().now.read);
  return what.kind == record_kind::set ? encode_preferences(what.conversation, *what.kept)
                                       : encode_hidden(what.conversation, what.change->message);
}

// Whatever waits for them: such changes are rare. Of a setting the session that asked knows.
void shard_state::show_to_actor(const record& what, position at, instant now) {
  const auto devices = by_user_.find(what.actor);
  if (devices == by_user_.end())
    return;
  const chunk_ptr envelope = make_chunk(told_to_actor(what));
  for (session* to : devices->second)
    if (at > to->seen() && what.asked_by != session_address{index_, to->number()}) {
      to->push_answer(envelope, now);
      touch(*to);
      port_.wake(*to);
    }
}

// Dropped by nobody: they are few, and each stands for messages that were not read.
void shard_state::show_notices(const record& what, position at, instant now) {
  for (const auto& each : what.told->notices) {
    const auto devices = by_user_.find(each.user);
    if (devices == by_user_.end() || !is_subscribed(*devices->second.front(), what.conversation))
      continue; // who has left meanwhile
    show_to_devices(each.user, make_chunk(encode_notification(what, each)), at, now);
  }
}

void shard_state::show_trimmed(const record& what, position at, instant now) {
  const auto local = by_conversation_.find(what.conversation);
  if (local == by_conversation_.end())
    return;
  const chunk_ptr envelope = make_chunk(encode_trimmed(what.conversation, what.change->message));
  for (session* to : local->second)
    if (at > to->seen())
      show_trimmed_to(*to, what, envelope, at, now);
}

// Of several the latest says all. Nobody can pull what is gone, so no gap waits for it.
void shard_state::show_trimmed_to(session& to, const record& what, const chunk_ptr& envelope,
                                  position at, instant now) {
  to.pulled(what.conversation, sequence{1}, what.change->message.previous());
  to.push_soft("trimmed " + what.conversation.str(), envelope, now, at.previous());
  touch(to);
  port_.wake(to);
}

// To strangers, who are told nothing else of the conversation.
void shard_state::show_invitations(const record& what, position at, instant now) {
  if (what.kind == record_kind::invited) {
    const chunk_ptr offer = make_chunk(what.introduction);
    for (const auto& each : what.roles)
      show_to_devices(each.user, offer, at, now);
  }
  if (what.uninvited.empty())
    return;
  const chunk_ptr over = make_chunk(encode_invitation_over(what.conversation));
  for (const auto& user : what.uninvited)
    show_to_devices(user, over, at, now);
}

void shard_state::show_to_devices(const user_id& of, const chunk_ptr& what, position at,
                                  instant now) {
  const auto devices = by_user_.find(of);
  if (devices == by_user_.end())
    return;
  for (session* to : devices->second)
    if (at > to->seen()) {
      to->push_answer(what, now);
      touch(*to);
      port_.wake(*to);
    }
}

void shard_state::subscribe_joined(const record& event, position at, instant now) {
  const chunk_ptr introduction = make_chunk(event.introduction); // one for all, however many join
  for (const auto& member : event.joined) {
    auto sessions = by_user_.find(member.user);
    if (sessions == by_user_.end())
      continue;
    for (session* who : sessions->second)
      if (at > who->seen()) {
        subscribe(*who, event.conversation);
        who->rejoined(event.conversation);
        who->push_answer(introduction, now);
        port_.wake(*who);
      }
  }
}

void shard_state::deliver_left(const record& event, position at, instant now) {
  show_receipts(event.conversation, now); // theirs are nobody's business any more
  auto local = by_conversation_.find(event.conversation);
  if (local == by_conversation_.end())
    return;
  const chunk_ptr what = make_chunk(event.event);
  session_list leaving;
  for (session* to : local->second) {
    if (at <= to->seen())
      continue;
    if (to->who().user == *event.left)
      leaving.push_back(to);
    else
      push_events(*to, event, event, at, what, now);
    to->forget_soft(session::receipt_key(event.conversation, *event.left));
  }
  metrics_->deliveries.add(local->second.size());
  for (session* to : leaving)
    end_subscription(*to, event, what, now);
}

void shard_state::deliver_deleted(const record& event, position at, instant now) {
  show_receipts(event.conversation, now);
  const auto local = by_conversation_.find(event.conversation);
  if (local == by_conversation_.end())
    return;
  metrics_->deliveries.add(local->second.size());
  const chunk_ptr what = make_chunk(event.event);
  for (session* to : session_list{local->second})
    if (at > to->seen())
      end_subscription(*to, event, what, now);
}

void shard_state::end_subscription(session& of, const record& event, const chunk_ptr& what,
                                   instant now) {
  of.push_last_event(event.conversation, what, now);
  touch(of);
  port_.wake(of);
  unsubscribe(of, event.conversation);
  std::erase(of.subscriptions(), event.conversation);
}

void shard_state::remember(std::shared_ptr<const committed_batch> batch) {
  ring_bytes_ += size_of(*batch);
  ring_.push_back(std::move(batch));
  while (ring_.size() > limits::ring_batches ||
         (ring_bytes_ > limits::ring_bytes && ring_.size() > 1)) {
    ring_bytes_ -= size_of(*ring_.front());
    ring_.pop_front();
  }
  ring_share_.set(ring_bytes_);
}

position shard_state::ring_floor() const noexcept {
  return ring_.empty() ? at_ : ring_.front()->at.previous();
}

} // namespace parley
