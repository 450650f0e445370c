// Messages noted, questions to the store, records to the log.
#include "actors/notifier.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "actors/limits.hpp"
#include "actors/log_line.hpp"

namespace parley {

notifier::notifier(caf::actor_config& config, context_ptr context, position decided)
    : notifier_actor::base(config), context_(std::move(context)), heard_(decided),
      written_(decided) {}

notifier::behavior_type notifier::make_behavior() {
  written_at_ = now();
  return {
      [this](const committed& news) { on_committed(news); },
      [this](const notices_due& message) { on_due(message); },
      [this](const notifiable_found& message) { on_found(message); },
      [this](const recent_found& message) { on_recent(message); },
  };
}

// --- What was sent -------------------------------------------------------------------------------

void notifier::on_committed(const committed& news) {
  if (!behind_ && (news.batch->at != heard_.next() || book_.is_full()))
    fall_behind();
  take_in(*news.batch);
  await();
}

void notifier::take_in(const committed_batch& batch) {
  const instant due = now() + context_->notify_after;
  for (const auto& each : batch.records) {
    if (each->kind == record_kind::message && !behind_)
      book_.note(each->conversation, each->seq, batch.at, due);
    if (each->kind != record_kind::notified)
      continue;
    const auto done = under_way_.find(each->conversation);
    if (done != under_way_.end() && done->second.is_written && done->second.what.last == each->seq)
      under_way_.erase(done);
  }
  if (!behind_)
    heard_ = batch.at;
}

void notifier::fall_behind() {
  behind_ = true;
  place_ = {};
  until_ = context_->marks->committed();
  read_on();
}

// Not before there is room for what will be found.
void notifier::read_on() {
  if (reading_ || book_.size() > limits::noticed_conversations / 2)
    return;
  reading_ = true;
  tell(this, context_->handles->reader,
       read_recent{heard_, until_, place_, handle_of<notifier_actor>(this)});
}

void notifier::on_recent(const recent_found& message) {
  reading_ = false;
  if (!message.found) {
    spdlog::warn("notifications_unread reason={}", in_quotes(message.found.error().message));
    return await(); // reads on by and by
  }
  const instant due = now() + context_->notify_after;
  for (const auto& each : message.found->items)
    book_.note(each.conversation, each.seq, each.at, due);
  if (message.found->next) {
    place_ = *message.found->next;
    read_on();
  } else {
    heard_ = until_;
    behind_ = false;
    if (context_->marks->committed() > heard_)
      fall_behind();
  }
  await();
}

// --- Who is to be told ---------------------------------------------------------------------------

void notifier::on_due(const notices_due& message) {
  if (waking_ == message.when)
    waking_.reset();
  if (behind_)
    read_on();
  else if (context_->marks->committed() > heard_ && book_.empty())
    fall_behind(); // at the start nothing else may come
  retry_what_was_lost();
  look_at_what_is_due();
  note_progress();
  await();
}

void notifier::look_at_what_is_due() {
  std::vector<notice_book::look> busy;
  while (under_way_.size() < limits::noticing_at_once) {
    auto next = book_.take(now());
    if (!next)
      break;
    if (under_way_.contains(next->conversation)) {
      busy.push_back(std::move(*next));
      continue;
    }
    ask_about(*next, {});
    conversation_id id = next->conversation;
    under_way_.emplace(std::move(id), under_way{std::move(*next), false, now()});
  }
  for (const auto& each : busy) // once the one before has been written
    book_.note(each.conversation, each.last, each.first, now() + limits::expiry_retry);
}

void notifier::ask_about(const notice_book::look& what, std::optional<user_id> behind) {
  tell(this, context_->handles->reader,
       read_notifiable{what.conversation, what.last, std::move(behind), context_->wall_clock(),
                       context_->marks->committed(), handle_of<notifier_actor>(this)});
}

void notifier::on_found(const notifiable_found& message) {
  const auto found = under_way_.find(message.conversation);
  if (found == under_way_.end() || found->second.what.last != message.last ||
      found->second.is_written)
    return;
  if (!message.found) // tried again by and by
    return spdlog::warn("notification_undecided reason={}",
                        in_quotes(message.found.error().message));
  std::vector<notice> notices = message.found->notices;
  std::erase_if(notices,
                [&](const notice& each) { return context_->present->contains(each.user); });
  const bool more = message.found->next.has_value();
  if (!notices.empty()) {
    found->second.is_written = !more;
    write(message.conversation, message.last, std::move(notices));
  }
  if (more)
    ask_about(found->second.what, message.found->next);
  else if (!found->second.is_written)
    under_way_.erase(found);
  look_at_what_is_due();
  await();
}

void notifier::write(const conversation_id& conversation, sequence last,
                     std::vector<notice> notices) {
  record told;
  told.kind = record_kind::notified;
  told.conversation = conversation;
  told.seq = last;
  told.at = context_->wall_clock();
  told.told = std::make_shared<const notification_change>(
      notification_change{std::move(notices), {}, {}, {}});
  tell(this, context_->handles->log_writer,
       append{{}, {}, std::make_shared<const record>(std::move(told)), {}});
}

// What the log would not take, or the store could not answer.
void notifier::retry_what_was_lost() {
  for (auto each = under_way_.begin(); each != under_way_.end();) {
    if (now() - each->second.since < limits::notice_retry) {
      ++each;
      continue;
    }
    const auto& what = each->second.what;
    book_.note(what.conversation, what.last, what.first, now());
    each = under_way_.erase(each);
  }
}

position notifier::decided() const {
  position least = heard_;
  if (const auto oldest = book_.oldest())
    least = std::min(least, oldest->previous());
  for (const auto& [conversation, each] : under_way_)
    least = std::min(least, each.what.first.previous());
  return least;
}

void notifier::note_progress() {
  if (now() - written_at_ < limits::notice_progress)
    return;
  written_at_ = now();
  const position reached = decided();
  if (reached <= written_)
    return;
  written_ = reached;
  record told;
  told.kind = record_kind::notified;
  told.at = context_->wall_clock();
  told.told = std::make_shared<const notification_change>(notification_change{{}, reached, {}, {}});
  tell(this, context_->handles->log_writer,
       append{{}, {}, std::make_shared<const record>(std::move(told)), {}});
}

// Sleeps when there is nothing to be done or to be written down.
void notifier::await() {
  std::optional<instant> next;
  const auto consider = [&](instant when) { next = next ? std::min(*next, when) : when; };
  if (const auto due = book_.next_due(); due && under_way_.size() < limits::noticing_at_once)
    consider(*due);
  if (!under_way_.empty())
    consider(now() + limits::notice_retry);
  if (behind_ && !reading_)
    consider(now() + limits::expiry_retry);
  if (heard_ > written_.next()) // its own record of that is not worth another
    consider(written_at_ + limits::notice_progress);
  if (!next || (waking_ && *waking_ <= *next))
    return;
  waking_ = *next;
  const auto delay =
      std::max<std::chrono::nanoseconds>(*next - now(), std::chrono::milliseconds{1});
  tell_later(this, handle_of<notifier_actor>(this), delay, notices_due{*next});
}

} // namespace parley
