// Members' cursors that moved in recent batches: shown at once, then collected for a moment.
#pragma once

#include <list>
#include <unordered_map>
#include <vector>

#include "actors/queries.hpp"
#include "actors/record.hpp"
#include "actors/time.hpp"

namespace parley {

/// What a shard shows together, so that a hundred readers of one message are one envelope each.
/// Each conversation has a moment of its own, so that not all of them are shown in one turn.
class recent_receipts {
public:
  /// Those of one conversation that were not shown yet, the latest of each user.
  struct in_conversation {
    conversation_id conversation;
    bool is_private = false; ///< For the devices of those whose they are alone.
    position before;         ///< Of the batch before the first of them.
    std::unordered_map<user_id, receipt_facts> of;
    instant due{};        ///< When they are to be shown.
    position shown_up_to; ///< Of earlier batches nothing waits here.
  };

  /// Whether others may see them than what waits of its conversation, which is to be shown first.
  bool has_other_audience(const record& what) const;
  /// Takes in a record of receipts.
  void add(const record& what, position at, instant now);
  /// Those of a conversation if any wait.
  const in_conversation* find(const conversation_id& conversation) const;
  /// Any that are due.
  const in_conversation* due(instant now);
  /// What `find` or `due` gave was shown, and with it all up to a position: further ones are
  /// collected for a moment.
  void shown(const in_conversation& which, position up_to, instant now);
  /// Up to here nothing waits, whatever the conversation; `otherwise` when nothing does at all.
  position shown_up_to(position otherwise) const;

private:
  using list = std::list<in_conversation>;
  list by_due_;
  std::unordered_map<conversation_id, list::iterator> by_conversation_;
};

/// Whether a member's devices are told of it.
bool is_told(const user_id& reader, const receipt_facts& of);
/// What a record of receipts says of each member.
std::vector<receipt_facts> receipts_in(const record& what);

} // namespace parley
