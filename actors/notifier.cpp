// Messages noted, questions to the store, records to the log.
#include "actors/notifier.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits.hpp"
#include "actors/limits_of_notices.hpp"
#include "actors/log.hpp"
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
  take_in(*news.batch);
  await();
}

void notifier::take_in(const committed_batch& batch) {
  const bool is_known = batch.at <= heard_; // it is read from the store
  const bool is_missed = !is_known && book_.is_full();
  if (!is_known && (is_missed || batch.at != heard_.next()))
    miss(heard_, is_missed ? batch.at : batch.at.previous());
  const instant due = now() + context_->notify_after;
  for (const auto& each : batch.records) {
    if (each->kind == record_kind::notified)
      settle(*each, batch.at);
    if (is_known || is_missed)
      continue;
    if (each->kind == record_kind::message)
      book_.note(each->conversation, each->seq, batch.at, due);
    else if (each->kind == record_kind::edited) // it may mention others now
      book_.note(each->conversation, each->change->message, batch.at, due);
  }
  heard_ = std::max(heard_, batch.at);
}

void notifier::settle(const record& written, position at) {
  own_ = at;
  const auto done = under_way_.find(written.conversation);
  if (done == under_way_.end() || done->second.what.last != written.seq ||
      done->second.records == 0)
    return;
  --done->second.records;
  if (done->second.records == 0 && !done->second.is_asked)
    under_way_.erase(done);
}

void notifier::miss(position since, position until) {
  if (!gaps_.empty() && gaps_.size() > 1 && gaps_.back().until == since)
    gaps_.back().until = until; // not the one that is being read
  else
    gaps_.push_back({since, until});
  read_on();
}

// Not before there is room for what will be found.
void notifier::read_on() {
  if (gaps_.empty() || reading_ || book_.size() > limits::noticed_conversations / 2)
    return;
  reading_ = true;
  tell(this, context_->handles->reader,
       read_recent{gaps_.front().since, gaps_.front().until, place_,
                   handle_of<notifier_actor>(this)});
}

void notifier::on_recent(const recent_found& message) {
  reading_ = false;
  if (!message.found) {
    context_->log->warn("notifications_unread reason={}", in_quotes(message.found.error().message));
    return await(); // reads on by and by
  }
  const instant due = now() + context_->notify_after;
  for (const auto& each : message.found->items)
    book_.note(each.conversation, each.seq, each.at, due);
  place_ = message.found->next.value_or(std::pair<conversation_id, sequence>{});
  if (!message.found->next)
    gaps_.erase(gaps_.begin());
  read_on();
  await();
}

// --- Who is to be told ---------------------------------------------------------------------------

void notifier::on_due(const notices_due& message) {
  if (waking_ == message.when)
    waking_.reset();
  if (!std::exchange(started_, true) && context_->marks->committed() > heard_) {
    const position begun = std::exchange(heard_, context_->marks->committed());
    miss(begun, heard_);
  }
  read_on();
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
    conversation_id id = next->conversation;
    const auto begun =
        under_way_.emplace(std::move(id), under_way{std::move(*next), ++looks_, 0, true, now()});
    ask_about(begun.first->second, {});
  }
  for (const auto& each : busy) // once the one before has been written
    book_.note(each.conversation, each.last, each.first, now() + limits::expiry_retry);
}

// At a position that the read model has, but for what it is itself about to hear: so no look
// hurries the applier, and what was decided before is known.
void notifier::ask_about(const under_way& which, std::optional<user_id> behind) {
  tell(this, context_->handles->reader,
       read_notifiable{which.what.conversation, which.look, which.what.last, std::move(behind),
                       context_->wall_clock(), std::max(which.what.newest, own_),
                       handle_of<notifier_actor>(this)});
}

void notifier::on_found(const notifiable_found& message) {
  const auto found = under_way_.find(message.conversation);
  if (found == under_way_.end() || found->second.look != message.look)
    return;
  under_way& looked_at = found->second;
  looked_at.is_asked = message.found && message.found->next;
  if (message.found) {
    std::vector<notice> notices = message.found->notices;
    std::erase_if(notices,
                  [&](const notice& each) { return context_->present->contains(each.user); });
    if (!notices.empty())
      write(looked_at, std::move(notices));
  } else { // it is damaged, and would be as damaged the next time
    context_->log->error("notification_undecided reason={}",
                         in_quotes(message.found.error().message));
  }
  if (looked_at.is_asked)
    ask_about(looked_at, message.found->next);
  else if (looked_at.records == 0)
    under_way_.erase(found);
  look_at_what_is_due();
  await();
}

// What is told of already, and grows, disturbs nobody anew, but stays among the others if it is one
// of too many.
void notifier::write(under_way& of, std::vector<notice> notices) {
  for (auto& each : notices)
    if (each.is_new)
      each.joined = !limits_.take(each.user, now());
  ++of.records;
  record told;
  told.conversation = of.what.conversation;
  told.seq = of.what.last;
  told.told = std::make_shared<const notification_change>(
      notification_change{std::move(notices), {}, {}, {}});
  append_record(std::move(told));
}

void notifier::append_record(record&& what) {
  what.kind = record_kind::notified;
  what.at = context_->wall_clock();
  tell(this, context_->handles->log_writer,
       append{{}, {}, std::make_shared<const record>(std::move(what)), {}, {}});
}

// What the log would not take, or the store did not answer.
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
  position least = gaps_.empty() ? heard_ : gaps_.front().since;
  if (const auto oldest = book_.oldest())
    least = std::min(least, oldest->previous());
  for (const auto& [conversation, each] : under_way_)
    least = std::min(least, each.what.first.previous());
  return least;
}

// Should it be lost, the next one says more.
void notifier::note_progress() {
  if (now() - written_at_ < limits::notice_progress)
    return;
  written_at_ = now();
  const position reached = decided();
  if (reached <= written_)
    return;
  written_ = reached;
  record told;
  told.told = std::make_shared<const notification_change>(notification_change{{}, reached, {}, {}});
  append_record(std::move(told));
}

// Sleeps when there is nothing to be done or to be written down.
void notifier::await() {
  std::optional<instant> next;
  const auto consider = [&](instant when) { next = next ? std::min(*next, when) : when; };
  if (const auto due = book_.next_due(); due && under_way_.size() < limits::noticing_at_once)
    consider(*due);
  if (!under_way_.empty())
    consider(now() + limits::notice_retry);
  if (!gaps_.empty() && !reading_)
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
