// How a shard shows receipts: collected for a moment, and only to who keeps up.
#include <algorithm>

#include "actors/encoding.hpp"
#include "actors/shard_state.hpp"

namespace parley {

void shard_state::collect_receipts(const record& what, position at, instant now) {
  if (recent_receipts_.has_other_audience(what))
    show_receipts(what.conversation, now);
  recent_receipts_.add(what, at, now);
}

void shard_state::show_due_receipts(instant now) {
  while (const auto* due = recent_receipts_.due(now))
    show(*due, at_, now);
}

// Within a batch, which may bring further ones.
void shard_state::show_receipts(const conversation_id& conversation, instant now) {
  if (const auto* waiting = recent_receipts_.find(conversation))
    show(*waiting, at_.previous(), now);
}

void shard_state::show(const recent_receipts::in_conversation& receipts, position up_to,
                       instant now) {
  const auto local = by_conversation_.find(receipts.conversation);
  if (local != by_conversation_.end()) {
    if (receipts.is_private)
      show_to_their_own(receipts, now);
    else
      show_to_all(receipts, local->second, now);
  }
  recent_receipts_.shown(receipts, up_to, now);
}

void shard_state::show_to_all(const recent_receipts::in_conversation& receipts,
                              const session_list& sessions, instant now) {
  std::vector<std::pair<const receipt_facts*, chunk_ptr>> single; // for who is behind
  std::string together;
  bool some_differ = false; // in what they are told: who read in private, who has blocked somebody
  for (const auto& [user, each] : receipts.of) {
    some_differ =
        some_differ || each.is_private || each.now.shown != each.now.read || each.apart != nullptr;
    std::string envelope = encode_receipt(receipts.conversation, each, {});
    if (!each.is_private)
      together += envelope;
    single.emplace_back(&each, make_chunk(std::move(envelope)));
  }
  const chunk_ptr all = make_chunk(std::move(together));
  for (session* to : sessions) {
    if (!some_differ && to->takes_soft()) {
      to->push_answer(all, now);
      port_.wake(*to);
      continue;
    }
    for (const auto& [of, envelope] : single)
      if (of->user == to->who().user)
        show_receipt(*to, receipts.conversation, *of, receipts.before, now);
      else if (is_told(to->who().user, *of))
        to->push_soft(session::receipt_key(receipts.conversation, of->user), envelope, now,
                      receipts.before);
    port_.wake(*to);
  }
}

void shard_state::show_to_their_own(const recent_receipts::in_conversation& receipts, instant now) {
  for (const auto& [user, each] : receipts.of) {
    const auto devices = by_user_.find(user);
    if (devices == by_user_.end())
      continue;
    for (session* to : devices->second)
      if (is_subscribed(*to, receipts.conversation))
        show_receipt(*to, receipts.conversation, each, receipts.before, now);
  }
}

void shard_state::show_receipt(session& to, const conversation_id& conversation,
                               const receipt_facts& what, position before, instant now) {
  to.push_soft(session::receipt_key(conversation, what.user),
               make_chunk(encode_receipt(conversation, what, to.who().user)), now, before);
  port_.wake(to);
}

void shard_state::replay_receipts(session& to, const record& what, position at, instant now) {
  for (const auto& each : receipts_in(what))
    if (each.user == to.who().user || (!what.receipts_are_private && is_told(to.who().user, each)))
      show_receipt(to, what.conversation, each, at.previous(), now);
}

} // namespace parley
