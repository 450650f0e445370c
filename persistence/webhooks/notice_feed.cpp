// Notifications are few beside messages, so each is looked up by itself.
#include "persistence/webhooks/notice_feed.hpp"

#include <algorithm>

#include "actors/limits.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"

namespace parley {

using webhook_rules::notice_news;

bool notice_feed::is_wanted(const webhook_endpoint& who) noexcept {
  return webhook_rules::wants(who, notice_news::made) ||
         webhook_rules::wants(who, notice_news::over);
}

outcome notice_feed::take(fed_endpoint& to, const record& what, position at, timestamp now) {
  if (what.kind == record_kind::notified) {
    for (const auto& each : what.told->notices)
      if (auto taken = made(to, each.user, what.conversation, at, now); !taken)
        return taken;
    return success();
  }
  return webhook_rules::wants(*to.who, notice_news::over) ? take_end(to, what, at, now) : success();
}

outcome notice_feed::take_end(fed_endpoint& to, const record& what, position at, timestamp now) {
  switch (what.kind) {
  case record_kind::receipts:
    for (const auto& each : what.receipts)
      if (auto looked = look_at(to, each.user, what.conversation, at, now); !looked)
        return looked;
    return success();
  case record_kind::left:
    return what.left ? look_at(to, *what.left, what.conversation, at, now) : success();
  case record_kind::hidden:
  case record_kind::set: // it may be muted
    return look_at(to, what.actor, what.conversation, at, now);
  case record_kind::erased:
  case record_kind::deleted:
    return note_look(
        to, outbox_.note_look_in(to.row, what.conversation, sequence{limits::largest_number}));
  case record_kind::trimmed:
    return note_look(to, outbox_.note_look_in(to.row, what.conversation, what.change->message));
  case record_kind::blocked:
    return note_look(to, outbox_.note_look_of(to.row, what.actor));
  default:
    return success();
  }
}

/// Of several in a row the last one is told of: a notification that has grown says more.
outcome notice_feed::made(fed_endpoint& to, const user_id& user,
                          const conversation_id& conversation, position at, timestamp now) {
  auto standing = model_.standing_notice_of(user, conversation, false);
  if (!standing)
    return pass_over(standing.error(), conversation);
  if (!*standing || (*standing)->since != at ||
      !webhook_rules::wants(*to.who, (*standing)->shown.kind))
    return success();
  const listed_notification& shown = (*standing)->shown;
  if (auto kept = keep(to, {conversation, user, shown.seq, shown.joined}, at, now); !kept)
    return kept;
  if (!webhook_rules::wants(*to.who, notice_news::made))
    return success();
  if (shown.joined)
    return tell_of_many(to, user, notice_news::made, at, now);
  return put(to, {conversation, sequence{at.value()}, record_kind::notified, now, user,
                  notice_news::made});
}

/// One that was among many and is told of by itself now is perhaps the last of them. One that was
/// told of by itself and is among many now takes its place there.
outcome notice_feed::keep(fed_endpoint& to, const outbox_notice& what, position at, timestamp now) {
  if (!webhook_rules::wants(*to.who, notice_news::over))
    return success();
  auto before = outbox_.notice_of(to.row, what.user, what.conversation);
  if (!before)
    return before.error();
  if (auto kept = outbox_.keep_notice(to.row, what); !kept)
    return kept;
  const bool was_alone = *before && !(*before)->joined;
  if (!what.joined)
    return *before && !was_alone ? look_at_many(to, what.user, at, now) : success();
  if (auto kept = outbox_.keep_notice(to.row, {{}, what.user, {}, false}); !kept || !was_alone)
    return kept;
  return put(to, {what.conversation, sequence{at.value()}, record_kind::notified, now, what.user,
                  notice_news::over});
}

/// The newest takes the place of whatever waits.
outcome notice_feed::tell_of_many(fed_endpoint& to, const user_id& user, notice_news what,
                                  position at, timestamp now) {
  auto gathered = outbox_.gather(to.row, user);
  if (!gathered)
    return gathered.error();
  to.waiting -= std::min(to.waiting, *gathered);
  return put(to, {{}, sequence{at.value()}, record_kind::notified, now, user, what});
}

/// Over once nothing is left that is told of together.
outcome notice_feed::look_at_many(fed_endpoint& to, const user_id& user, position at,
                                  timestamp now) {
  auto told = outbox_.notice_of(to.row, user, {});
  if (!told)
    return told.error();
  if (!*told)
    return success();
  auto joined = model_.joined_notices_of(user, {to.who->conversations, 1});
  if (!joined)
    return pass_over(joined.error(), {});
  if (joined->conversations > 0)
    return success();
  if (auto dropped = outbox_.drop_notice(to.row, **told); !dropped)
    return dropped;
  return tell_of_many(to, user, notice_news::over, at, now);
}

outcome notice_feed::look_at(fed_endpoint& to, const user_id& user,
                             const conversation_id& conversation, position at, timestamp now) {
  auto told = outbox_.notice_of(to.row, user, conversation);
  if (!told)
    return told.error();
  return *told ? look_at(to, **told, at, now) : success();
}

outcome notice_feed::note_look(fed_endpoint& to, const result<bool>& noted) {
  if (!noted)
    return noted.error();
  to.has_looks = to.has_looks || *noted;
  return success();
}

// As many at a time as records are taken in. The model may be beyond what was taken in: where it
// is, every end has a name of its own.
outcome notice_feed::look_on(fed_endpoint& to, timestamp now) {
  const position at = model_.applied();
  for (std::size_t left = limits::webhook_records; left > 0;) {
    auto look = outbox_.first_look(to.row);
    if (!look)
      return look.error();
    to.has_looks = look->has_value();
    if (!to.has_looks)
      return success();
    auto told = outbox_.notices_of(to.row, **look, left);
    if (!told)
      return told.error();
    for (const auto& each : *told)
      if (auto looked = look_at(to, each, at, now); !looked)
        return looked;
    const bool is_done = told->size() < left;
    if (!is_done)
      (*look)->place =
          (*look)->user.empty() ? told->back().user.str() : told->back().conversation.str();
    if (auto gone_on =
            is_done ? outbox_.end_look(to.row, **look) : outbox_.go_on_looking(to.row, **look);
        !gone_on)
      return gone_on;
    left -= is_done ? std::min(left, told->size() + 1) : left;
  }
  return success();
}

outcome notice_feed::look_at(fed_endpoint& to, const outbox_notice& told, position at,
                             timestamp now) {
  if (told.conversation.empty())
    return look_at_many(to, told.user, at, now);
  auto standing = model_.standing_notice_of(told.user, told.conversation, false);
  if (!standing)
    return pass_over(standing.error(), told.conversation);
  if (*standing)
    return success();
  if (auto dropped = outbox_.drop_notice(to.row, told); !dropped)
    return dropped;
  if (told.joined)
    return look_at_many(to, told.user, at, now);
  return put(to, {told.conversation, sequence{at.value()}, record_kind::notified, now, told.user,
                  notice_news::over});
}

// What is damaged holds up nothing else: nobody will ever read it.
outcome notice_feed::pass_over(const failure& why, const conversation_id& conversation) {
  if (why.code != error_code::internal)
    return why;
  thread_log().error("webhook_notification_unreadable conversation={} reason={}",
                     in_quotes(conversation.str()), in_quotes(why.message));
  return success();
}

outcome notice_feed::put(fed_endpoint& to, outbox_event event) {
  auto added = outbox_.add(to.row, event);
  if (!added)
    return added.error();
  to.waiting += *added ? 1 : 0;
  return success();
}

// --- From the model ------------------------------------------------------------------------------

// Ends come first: what is told of then is there, and its end is told by a later batch.
void notice_feed::begin(fed_endpoint& to) {
  to.progress.place = {};
  to.progress.walk = outbox_walk::notices_over;
}

outcome notice_feed::catch_up(fed_endpoint& to, timestamp now) {
  return to.progress.walk == outbox_walk::notices_over ? catch_up_ends(to, now)
                                                       : catch_up_news(to, now);
}

outcome notice_feed::catch_up_ends(fed_endpoint& to, timestamp now) {
  auto& progress = to.progress;
  auto told = outbox_.notices_behind(to.row, progress.user, progress.place.conversation,
                                     limits::webhook_records);
  if (!told)
    return told.error();
  for (const auto& each : *told)
    if (auto looked = look_at(to, each, progress.until, now); !looked)
      return looked;
  if (told->size() == limits::webhook_records) {
    progress.user = told->back().user;
    progress.place.conversation = told->back().conversation;
    return success();
  }
  progress.user = {};
  progress.place = {};
  progress.walk = outbox_walk::notices_made;
  return success();
}

outcome notice_feed::catch_up_news(fed_endpoint& to, timestamp now) {
  auto& progress = to.progress;
  auto portion = model_.notices_since(progress.at, progress.until,
                                      {progress.user, progress.place.conversation});
  if (!portion)
    return portion.error();
  for (const auto& each : portion->items)
    if (auto taken = made(to, each.user, each.conversation, each.since, now); !taken)
      return taken;
  if (!portion->next) {
    progress = {progress.until, {}, {}};
    return success();
  }
  progress.user = portion->next->user;
  progress.place.conversation = portion->next->conversation;
  return success();
}

} // namespace parley
