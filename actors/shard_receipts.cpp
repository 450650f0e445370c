// How a shard shows receipts: collected for a moment, and only to who keeps up.
#include <algorithm>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/shard_state.hpp"

namespace parley {

void shard_state::show_receipts(instant now) {
  receipts_shown_at_ = now;
  for (const auto& [conversation, receipts] : recent_receipts_.take()) {
    const auto local = by_conversation_.find(conversation);
    if (local == by_conversation_.end())
      continue;
    if (receipts.is_private)
      show_to_their_own(conversation, receipts, now);
    else
      show_to_all(conversation, receipts, local->second, now);
  }
}

void shard_state::show_to_all(const conversation_id& conversation,
                              const recent_receipts::in_conversation& receipts,
                              const session_list& sessions, instant now) {
  std::vector<std::pair<std::string, chunk_ptr>> single; // by key, for who is behind
  std::string together;
  for (const auto& [user, each] : receipts.of) {
    std::string envelope = encode_receipt(conversation, each);
    together += envelope;
    single.emplace_back(session::receipt_key(conversation, user), make_chunk(std::move(envelope)));
  }
  const chunk_ptr all = make_chunk(std::move(together));
  for (session* to : sessions) {
    if (to->takes_soft())
      to->push_answer(all, now);
    else
      for (const auto& [key, each] : single)
        to->push_soft(key, each, now, receipts.before);
    port_.wake(*to);
  }
}

void shard_state::show_to_their_own(const conversation_id& conversation,
                                    const recent_receipts::in_conversation& receipts, instant now) {
  for (const auto& [user, each] : receipts.of) {
    const auto devices = by_user_.find(user);
    if (devices == by_user_.end())
      continue;
    for (session* to : devices->second)
      if (is_subscribed(*to, conversation))
        show_receipt(*to, conversation, each, receipts.before, now);
  }
}

void shard_state::show_receipt(session& to, const conversation_id& conversation,
                               const receipt_facts& what, position before, instant now) {
  to.push_soft(session::receipt_key(conversation, what.user),
               make_chunk(encode_receipt(conversation, what)), now, before);
  port_.wake(to);
}

void shard_state::replay_receipts(session& to, const record& what, position at, instant now) {
  for (const auto& each : receipts_in(what))
    if (!what.receipts_are_private || each.user == to.who().user)
      show_receipt(to, what.conversation, each, at.previous(), now);
}

} // namespace parley
