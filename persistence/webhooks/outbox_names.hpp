// Whose names are in the outbox: those who were erased are taken out, whatever its endpoints want.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "persistence/webhooks/outbox.hpp"

namespace parley {

/// Follows the steps of erasures, also where no endpoint takes anything in: one may be full, or
/// have stopped asking for notifications. Up to where it has looked is kept in the outbox, so that
/// somebody else who comes under the same name later is nobody who was erased.
class outbox_names {
public:
  outbox_names(webhook_outbox& outbox, const read_model& model) : outbox_(outbox), model_(model) {}

  /// Takes out who was erased up to `present`; of the batches up to there some were seen. Returns
  /// who was in it. Used within one of the outbox's transactions.
  result<std::vector<user_id>> forget(std::span<const batch_ptr> batches, position present);
  /// What is taken out is in no file any more after this, which is used outside of transactions.
  /// While somebody else reads the outbox it waits for the next time.
  outcome scrub();

private:
  result<std::vector<user_id>> forget_erased_since(position at);

  webhook_outbox& outbox_;
  const read_model& model_;
  std::optional<position> looked_; ///< Perhaps further than what is kept; nothing: as that is.
  bool is_dirty_ = true;           ///< What was taken out before is perhaps in the journal.
};

} // namespace parley
