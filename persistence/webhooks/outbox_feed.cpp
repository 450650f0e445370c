// The position goes along with the rows, so that a crash between two portions loses and repeats
// nothing.
#include "persistence/webhooks/outbox_feed.hpp"

#include <algorithm>

#include "actors/limits.hpp"

namespace parley {

namespace {

/// Each of them is looked up.
std::size_t notices_told(const committed_batch& batch) {
  std::size_t told = 0;
  for (const auto& each : batch.records)
    told += each->told ? each->told->notices.size() : 0;
  return told;
}

} // namespace

bool outbox_feed::follows(const fed& to, std::span<const batch_ptr> batches) {
  const position next = to.progress.at.next();
  return to.progress.until.value() == 0 && !batches.empty() && batches.front()->at <= next &&
         next <= batches.back()->at;
}

outcome outbox_feed::take(fed& to, std::span<const batch_ptr> batches, timestamp now) {
  const std::uint64_t known = to.progress.at.next().value() - batches.front()->at.value();
  std::size_t records = 0;
  for (const auto& batch : batches.subspan(known)) {
    for (const auto& each : batch->records) {
      if (auto taken = take_one(to, *each, now); !taken)
        return taken;
      if (!notice_feed::is_wanted(*to.who))
        continue;
      if (auto taken = notices_.take(to, *each, batch->at, now); !taken)
        return taken;
    }
    to.progress.at = batch->at;
    records += batch->records.size() + notices_told(*batch);
    if (records >= limits::webhook_records)
      break;
  }
  return outbox_.reach(to.row, to.progress);
}

outcome outbox_feed::take_one(fed& to, const record& what, timestamp now) {
  const bool ends = what.kind == record_kind::deleted;
  if (!ends && !webhook_rules::wants(*to.who, what.kind))
    return success();
  if (!to.who->conversations.empty() && !ends) {
    auto kind = kind_of(what.conversation);
    if (!kind)
      return kind.error();
    if (!webhook_rules::wants(*to.who, *kind))
      return success();
  }
  return put(to, {what.conversation, what.seq, what.kind, now});
}

// What a conversation said before its end is in no table any more.
outcome outbox_feed::put(fed& to, const outbox_event& event) {
  if (event.kind == record_kind::deleted) {
    auto forgotten = outbox_.forget(to.row, event.conversation);
    if (!forgotten)
      return forgotten.error();
    to.waiting -= std::min(to.waiting, *forgotten);
    auto kind = kind_of(event.conversation);
    if (!kind)
      return kind.error();
    if (!webhook_rules::wants(*to.who, event.kind) || !webhook_rules::wants(*to.who, *kind))
      return success();
  }
  auto added = outbox_.add(to.row, event);
  if (!added)
    return added.error();
  to.waiting += *added ? 1 : 0;
  return success();
}

outcome outbox_feed::catch_up(fed& to, position until, timestamp now) {
  auto& progress = to.progress;
  if (progress.until.value() == 0)
    progress.until = until;
  const bool is_at_events = progress.walk == outbox_walk::events;
  if (auto caught_up = is_at_events ? catch_up_events(to, now) : notices_.catch_up(to, now);
      !caught_up)
    return caught_up;
  return outbox_.reach(to.row, progress);
}

outcome outbox_feed::catch_up_events(fed& to, timestamp now) {
  auto& progress = to.progress;
  auto portion = model_.event_feed_since(progress.at, progress.until, progress.place);
  if (!portion)
    return portion.error();
  for (const auto& each : portion->items)
    if (webhook_rules::wants(*to.who, each.in) || each.kind == record_kind::deleted)
      if (each.kind == record_kind::deleted || webhook_rules::wants(*to.who, each.kind))
        if (auto taken = put(to, {each.conversation, each.seq, each.kind, now}); !taken)
          return taken;
  if (portion->next)
    progress.place = *portion->next;
  else if (notice_feed::is_wanted(*to.who))
    notice_feed::begin(to);
  else
    progress = {progress.until, {}, {}};
  return success();
}

result<conversation_kind> outbox_feed::kind_of(const conversation_id& conversation) {
  if (const auto known = kinds_.find(conversation); known != kinds_.end())
    return known->second;
  auto kind = model_.kind_of(conversation);
  if (!kind)
    return kind.error();
  if (!*kind)
    return failure{error_code::internal, "webhooks: there is no " + conversation.str(), {}};
  if (kinds_.size() >= limits::webhook_kinds_in_memory)
    kinds_.clear();
  kinds_.emplace(conversation, **kind);
  return **kind;
}

} // namespace parley
