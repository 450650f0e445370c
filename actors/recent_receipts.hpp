// Members' cursors that moved in recent batches and were not shown to anyone yet: the latest wins.
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/queries.hpp"
#include "actors/record.hpp"

namespace parley {

/// What a shard shows together, so that a hundred readers of one message are one envelope each.
class recent_receipts {
public:
  struct in_conversation {
    bool is_private = false; ///< For the devices of those whose they are alone.
    position before;         ///< Of the batch before the first of them.
    std::unordered_map<user_id, receipt_facts> of;
  };
  using table = std::unordered_map<conversation_id, in_conversation>;

  /// Takes in a record of receipts; false when others may see it than what is here of its
  /// conversation, which has to be shown first.
  bool add(const record& what, position at);
  bool empty() const noexcept { return table_.empty(); }
  /// Everything, to be shown now.
  table take() { return std::exchange(table_, {}); }

private:
  table table_;
};

/// What a record of receipts says of each member.
std::vector<receipt_facts> receipts_in(const record& what);

} // namespace parley
