// Names are compared by their hashes: the store has nothing else of who was erased.
#include "persistence/webhooks/outbox_names.hpp"

#include <algorithm>

#include "actors/erasures.hpp"

namespace parley {

namespace {

/// Whether the batches have all that came behind a position, and none of it erases anybody.
bool erase_nobody(std::span<const batch_ptr> batches, position since, position present) {
  if (batches.empty() || batches.front()->at > since.next() || batches.back()->at < present)
    return false;
  for (const auto& batch : batches)
    if (batch->at > since)
      for (const auto& each : batch->records)
        if (each->kind == record_kind::user_erased)
          return false;
  return true;
}

} // namespace

result<std::vector<user_id>> outbox_names::forget(std::span<const batch_ptr> batches,
                                                  position present) {
  if (!looked_) {
    auto stored = outbox_.names_looked_at();
    if (!stored)
      return stored.error();
    looked_ = *stored;
  }
  const position since = *looked_;
  if (present <= since)
    return std::vector<user_id>{};
  if (erase_nobody(batches, since, present)) {
    looked_ = present; // which is not worth a row
    return std::vector<user_id>{};
  }
  looked_.reset(); // the outbox knows, once it has kept it
  auto forgotten = forget_erased_since(since);
  if (!forgotten)
    return forgotten;
  if (auto kept = outbox_.look_at_names(present); !kept)
    return kept.error();
  return forgotten;
}

result<std::vector<user_id>> outbox_names::forget_erased_since(position at) {
  auto erasures = model_.user_erasures({});
  if (!erasures)
    return erasures.error();
  std::erase_if(*erasures, [&](const user_erasure& each) {
    return each.phase == erasure_phase::begun || each.settled <= at;
  });
  std::vector<user_id> forgotten;
  if (erasures->empty())
    return forgotten;
  is_dirty_ = true; // whatever was there of them has perhaps been sent by now
  auto users = outbox_.users();
  if (!users)
    return users.error();
  for (auto& user : *users) {
    const auto is_theirs = [hash = hash_of(user)](const user_erasure& each) {
      return each.user_hash == hash;
    };
    if (std::none_of(erasures->begin(), erasures->end(), is_theirs))
      continue;
    if (auto gone = outbox_.forget_user(user); !gone)
      return gone.error();
    forgotten.push_back(std::move(user));
  }
  return forgotten;
}

outcome outbox_names::scrub() {
  if (!is_dirty_)
    return success();
  auto emptied = outbox_.empty_journal();
  if (!emptied)
    return emptied.error();
  is_dirty_ = !*emptied;
  return success();
}

} // namespace parley
