// Each change is made to a copy of what is known, which is taken over once the outbox has kept the
// same.
#include "persistence/webhooks/dispatcher.hpp"

#include <algorithm>
#include <utility>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "persistence/event_facts.hpp"

namespace parley {

namespace {

std::string_view type_of(const outbox_event& event) {
  return event.is_notice() ? webhook_rules::type_of(event.news)
                           : webhook_rules::type_of(event.kind);
}

} // namespace

dispatcher::dispatcher(dispatcher_place place, std::shared_ptr<const read_model> model,
                       std::shared_ptr<webhook_sender> sender, metrics_ptr metrics)
    : place_(std::move(place)), model_(std::move(model)), sender_(std::move(sender)),
      metrics_(std::move(metrics)) {}

result<dispatcher_news> dispatcher::step(dispatcher_work work) {
  for (auto& each : work.answers) {
    count(each);
    answers_.push_back(std::move(each));
  }
  if (work.endpoints) {
    wanted_ = std::move(*work.endpoints);
    is_configured_ = false;
  }
  std::error_code code;
  if (!outbox_ && wanted_.empty() && !std::filesystem::exists(outbox_file(place_.data), code))
    return dispatcher_news{{}, work.present, false}; // nothing is stored for nobody
  if (auto opened = open(); !opened)
    return opened.error();
  desks changed = desks_;
  if (auto kept = outbox_->in_transaction([&] { return change(changed, work); }); !kept) {
    version_ = -1; // what was counted is forgotten
    return kept.error();
  }
  desks_ = changed;
  is_configured_ = true;
  for (const auto& each : answers_)
    flights_.erase(each.number);
  answers_.clear();
  auto fed = outbox_->in_transaction([&] { return feed(changed, work); });
  if (fed)
    desks_ = std::move(changed);
  auto news = hand_out(work.may_send, work.present); // what cannot be taken in holds up nothing
  if (auto scrubbed = names_->scrub(); !scrubbed)
    thread_log().warn("webhooks_journal_stays reason={}", in_quotes(scrubbed.error().message));
  measure();
  return fed ? news : fed.error();
}

outcome dispatcher::change(desks& all, const dispatcher_work& work) {
  if (!is_configured_)
    if (auto done = configure(all, work.newest); !done)
      return done;
  for (const auto& each : answers_)
    if (auto done = settle(all, each); !done)
      return done;
  if (auto done = forget_erased(all, work); !done)
    return done;
  return recount(all);
}

/// A walk that has got to one of them begins anew.
outcome dispatcher::forget_erased(desks& all, const dispatcher_work& work) {
  auto forgotten = names_->forget(work.batches, work.present);
  if (!forgotten)
    return forgotten.error();
  for (const auto& user : *forgotten)
    for (auto& [name, each] : all)
      if (each.fed.progress.user == user) {
        each.fed.progress.user = {};
        each.fed.progress.place = {};
      }
  if (!forgotten->empty())
    version_ = -1; // what waits is counted anew
  return success();
}

outcome dispatcher::open() {
  if (outbox_)
    return success();
  auto opened = webhook_outbox::open(place_.data, place_.epoch, place_.newest);
  if (!opened)
    return opened.error();
  outbox_ = std::move(*opened);
  feed_.emplace(*outbox_, *model_);
  names_.emplace(*outbox_, *model_);
  return success();
}

// --- Endpoints -----------------------------------------------------------------------------------

/// Whoever is new begins at the present; whoever is known goes on.
outcome dispatcher::configure(desks& all, position newest) {
  auto known = outbox_->endpoints();
  if (!known)
    return known.error();
  desks before = std::exchange(all, {});
  for (const auto& each : wanted_) {
    const auto found = std::find_if(known->begin(), known->end(),
                                    [&](const auto& one) { return one.name == each->id; });
    outbox_endpoint stored;
    if (found != known->end()) {
      stored = *found;
      known->erase(found);
    } else {
      auto added = outbox_->add_endpoint(each->id, newest);
      if (!added)
        return added.error();
      stored = std::move(*added);
      thread_log().info("webhook_endpoint_added endpoint={} position={}", in_quotes(each->id),
                        newest.value());
    }
    auto counts = outbox_->count(stored.row);
    if (!counts)
      return counts.error();
    desk& made = all[each->id];
    made.fed = {each, stored.row, stored.progress, counts->waiting};
    made.dead = counts->dead;
    if (const auto old = before.find(each->id); old != before.end())
      made.busy = std::move(old->second.busy);
    if (!webhook_rules::wants(*each, webhook_rules::notice_news::over))
      if (auto dropped = outbox_->drop_all_notices(stored.row); !dropped)
        return dropped;
  }
  for (const auto& each : *known) {
    if (auto dropped = outbox_->drop_endpoint(each.row); !dropped)
      return dropped;
    thread_log().warn("webhook_endpoint_removed endpoint={}", in_quotes(each.name));
  }
  return success();
}

/// When somebody else has put dead letters back.
outcome dispatcher::recount(desks& all) {
  auto version = outbox_->version();
  if (!version)
    return version.error();
  if (std::exchange(version_, *version) == *version)
    return success();
  for (auto& [name, each] : all) {
    auto counts = outbox_->count(each.fed.row);
    if (!counts)
      return counts.error();
    each.fed.waiting = counts->waiting;
    each.dead = counts->dead;
  }
  return success();
}

outcome dispatcher::feed(desks& all, const dispatcher_work& work) {
  for (auto& [name, each] : all)
    if (auto fed = feed_one(name, each, work); !fed)
      return fed;
  return success();
}

outcome dispatcher::feed_one(const std::string& name, desk& to, const dispatcher_work& work) {
  const timestamp now = place_.wall_clock();
  const timestamp latest = now + limits::webhook_longest_pause;
  if (auto nearer = outbox_->bring_forward(to.fed.row, latest, now); !nearer)
    return nearer;
  const auto full = to.is_full ? limits::webhook_rows_low : limits::webhook_rows_high;
  const bool was_full = std::exchange(to.is_full, to.fed.waiting >= full);
  if (to.is_full && !was_full)
    thread_log().warn("webhook_outbox_full endpoint={} waiting={}", in_quotes(name),
                      to.fed.waiting);
  if (to.is_full)
    return success();
  if (to.fed.progress.at < work.present)
    if (auto fed = outbox_feed::follows(to.fed, work.batches)
                       ? feed_->take(to.fed, work.batches, now)
                       : feed_->catch_up(to.fed, work.present, now);
        !fed)
      return fed;
  return to.fed.has_looks ? feed_->look_on(to.fed, now) : success();
}

std::vector<webhook_endpoint_state> dispatcher::states() const {
  std::vector<webhook_endpoint_state> all;
  for (const auto& [name, each] : desks_)
    all.push_back({name, each.fed.progress.at, each.fed.waiting, each.dead, each.is_failing,
                   each.is_gone, each.is_full});
  return all;
}

result<std::uint64_t> dispatcher::redeliver(const std::string& endpoint) {
  const auto found = desks_.find(endpoint);
  if (found == desks_.end())
    return failure{error_code::not_found, "there is no such endpoint", {}};
  std::uint64_t revived = 0;
  auto done = outbox_->in_transaction([&]() -> outcome {
    auto put_back = outbox_->redeliver(found->second.fed.row, place_.wall_clock());
    if (!put_back)
      return put_back.error();
    revived = *put_back;
    return success();
  });
  if (!done)
    return done.error();
  version_ = -1; // what waits is counted anew
  thread_log().info("webhook_redelivery endpoint={} dead_letters={}", in_quotes(endpoint), revived);
  return revived;
}

// --- Answers -------------------------------------------------------------------------------------

outcome dispatcher::settle(desks& all, const webhook_answer& answer) {
  const auto found = flights_.find(answer.number);
  if (found == flights_.end())
    return success();
  const flight& what = found->second;
  const auto at = all.find(what.endpoint);
  if (at == all.end()) // it was removed meanwhile
    return success();
  desk& from = at->second;
  from.busy.erase(what.event.line());
  tell_operator(from, answer);
  if (answer.what != webhook_result::accepted)
    return settle_failure(from, what, answer);
  auto finished = outbox_->finish(from.fed.row, what.event, place_.wall_clock());
  if (!finished)
    return finished.error();
  from.fed.waiting -= std::min<std::uint64_t>(from.fed.waiting, *finished ? 1 : 0);
  return success();
}

outcome dispatcher::settle_failure(desk& at, const flight& what, const webhook_answer& answer) {
  const timestamp now = place_.wall_clock();
  if (answer.what == webhook_result::gone) {
    at.is_gone = true; // the event waits
    return outbox_->postpone(at.fed.row, what.event, now, what.trouble);
  }
  const auto judged =
      webhook_rules::judge(answer, what.trouble, what.event.noted, now, place_.chance());
  if (answer.retry_after)
    at.paused = now + std::min<std::chrono::milliseconds>(*answer.retry_after,
                                                          limits::webhook_longest_pause);
  if (judged.again)
    return outbox_->postpone(at.fed.row, what.event, *judged.again, judged.now);
  auto buried = outbox_->bury(at.fed.row, what.event, now, judged.now);
  if (!buried)
    return buried.error();
  if (!*buried)
    return success();
  at.fed.waiting -= std::min<std::uint64_t>(at.fed.waiting, 1);
  at.dead += 1;
  thread_log().warn("webhook_dead_letter endpoint={} type={} conversation={} seq={} reason={}",
                    in_quotes(what.endpoint), type_of(what.event),
                    in_quotes(what.event.conversation.str()), what.event.seq.value(),
                    in_quotes(answer.reason));
  return success();
}

/// The first failure in a row and its end, not each.
void dispatcher::tell_operator(desk& at, const webhook_answer& answer) {
  const auto name = in_quotes(at.fed.who->id);
  if (answer.what == webhook_result::gone && !at.is_gone)
    thread_log().warn("webhook_endpoint_gone endpoint={} until={}", name, in_quotes("SIGHUP"));
  const bool fails = answer.what != webhook_result::accepted;
  if (std::exchange(at.is_failing, fails) == fails)
    return;
  if (fails)
    thread_log().warn("webhook_failing endpoint={} reason={}", name, in_quotes(answer.reason));
  else
    thread_log().info("webhook_recovered endpoint={}", name);
}

void dispatcher::count(const webhook_answer& answer) {
  of(metrics_->webhook_deliveries, answer.what).add();
}

// --- Deliveries ----------------------------------------------------------------------------------

result<dispatcher_news> dispatcher::hand_out(bool may_send, position present) {
  dispatcher_news news;
  news.reached = present;
  const timestamp now = place_.wall_clock();
  for (auto& [name, each] : desks_) {
    if (!each.is_full && each.fed.progress.at < present)
      news.reached = std::min(news.reached, each.fed.progress.at);
    if (!each.is_full && (each.fed.progress.at < present || each.fed.has_looks))
      news.steps_left = true;
    if (!may_send || each.is_gone)
      continue;
    if (each.paused && *each.paused > now && *each.paused - now <= limits::webhook_longest_pause) {
      news.next = std::min(news.next.value_or(*each.paused), *each.paused);
      continue;
    }
    each.paused.reset();
    auto later = hand_out_of(each, now);
    if (!later)
      return later.error();
    if (*later)
      news.next = std::min(news.next.value_or(**later), **later);
  }
  return news;
}

result<std::optional<timestamp>> dispatcher::hand_out_of(desk& from, timestamp now) {
  std::optional<timestamp> later;
  for (bool again = from.busy.size() < limits::webhook_requests; again;) {
    again = false;
    later.reset();
    auto lines = outbox_->lines(from.fed.row, from.busy.size() + limits::webhook_requests + 1);
    if (!lines)
      return lines.error();
    for (const auto& line : *lines) {
      if (from.busy.size() >= limits::webhook_requests)
        return std::optional<timestamp>{};
      if (from.busy.contains(line.name()))
        continue;
      if (line.due > now) {
        later = line.due;
        break;
      }
      auto sent = send_first(from, line);
      if (!sent)
        return sent.error();
      again = again || !*sent; // what is behind it may be due
    }
  }
  return later;
}

result<bool> dispatcher::send_first(desk& from, const outbox_line& line) {
  auto event = outbox_->first(from.fed.row, line.name());
  if (!event)
    return event.error();
  if (!*event) { // a line that is empty ends
    outbox_event none;
    none.conversation = line.conversation;
    none.user = line.user;
    if (auto dropped = drop_unsendable(from, none); !dropped)
      return dropped.error();
    return false;
  }
  auto what = (*event)->is_notice() ? notice_of(from, **event) : delivery_of(from, **event);
  const bool is_damaged = !what && what.error().code == error_code::internal;
  if (!what && !is_damaged)
    return what.error();
  if (is_damaged) // nobody will ever read it
    thread_log().error("webhook_event_unreadable type={} conversation={} seq={}", type_of(**event),
                       in_quotes(line.conversation.str()), (*event)->seq.value());
  if (is_damaged || !*what) {
    if (auto dropped = drop_unsendable(from, **event); !dropped)
      return dropped.error();
    return false;
  }
  (*what)->number = ++attempts_;
  (*what)->to = from.fed.who;
  from.busy.insert(line.name());
  flights_.emplace((*what)->number, flight{(*what)->to->id, **event, line.trouble});
  sender_->send(std::move(**what));
  return true;
}

/// Nothing when it is gone with its conversation, whose end is told of.
result<std::optional<webhook_delivery>> dispatcher::delivery_of(const desk& from,
                                                                const outbox_event& event) {
  auto stored = model_->event(event.conversation, event.seq);
  if (!stored)
    return stored.error();
  if (!*stored)
    return std::optional<webhook_delivery>{};
  const auto facts = facts_of((**stored).bytes);
  if (!facts)
    return failure{error_code::internal, "webhooks: an event makes no sense", {}};
  webhook_delivery what;
  what.id = webhook_rules::id_of(place_.epoch, from.fed.who->id, event.conversation, event.seq);
  what.type = type_of(event);
  what.at = facts->at;
  what.event = std::move((**stored).bytes);
  return std::optional{std::move(what)};
}

/// Nothing when it is over, which is told of if anybody was told of it, or has grown, which is told
/// of behind it.
result<std::optional<webhook_delivery>> dispatcher::notice_of(const desk& from,
                                                              const outbox_event& event) {
  const position at{event.seq.value()};
  webhook_delivery what;
  what.id = webhook_rules::id_of(place_.epoch, from.fed.who->id,
                                 {event.conversation, event.user, at}, event.news);
  what.type = type_of(event);
  if (event.is_joined())
    return joined_notice_of(from, event, std::move(what));
  const bool ends = event.news == webhook_rules::notice_news::over;
  auto standing = model_->standing_notice_of(event.user, event.conversation, !ends);
  if (!standing)
    return standing.error();
  const bool stands = *standing && !(*standing)->shown.joined;
  // What stands is remembered before it is told, or though its end is not told: a letter of before
  // is sent anew, or a block has ended. So whatever was told is taken back some day.
  if (stands && (ends || (*standing)->since == at))
    if (auto kept = remember(from, event, (*standing)->shown.seq); !kept)
      return kept.error();
  if (ends) {
    if (stands) // it would take away what was told behind it
      return std::optional<webhook_delivery>{};
    what.at = event.noted;
    what.event = encode_withdrawn(event.user, event.conversation);
    return std::optional{std::move(what)};
  }
  if (!stands || (*standing)->since != at)
    return std::optional<webhook_delivery>{};
  what.at = (*standing)->shown.at;
  what.event = encode_notification_of(event.user, (*standing)->shown);
  return std::optional{std::move(what)};
}

/// Nothing when none of them is left, or when some are again.
result<std::optional<webhook_delivery>>
dispatcher::joined_notice_of(const desk& from, const outbox_event& event, webhook_delivery what) {
  auto joined = model_->joined_notices_of(event.user, {from.fed.who->conversations});
  if (!joined)
    return joined.error();
  if (joined->conversations > 0)
    if (auto kept = remember(from, event, {}); !kept)
      return kept.error();
  const bool ends = event.news == webhook_rules::notice_news::over;
  if (ends == (joined->conversations > 0))
    return std::optional<webhook_delivery>{};
  what.at = ends ? event.noted : joined->at;
  what.event =
      ends ? encode_withdrawn(event.user, {}) : encode_joined_notifications(event.user, *joined);
  return std::optional{std::move(what)};
}

outcome dispatcher::remember(const desk& of, const outbox_event& event, sequence seq) {
  if (!webhook_rules::wants(*of.fed.who, webhook_rules::notice_news::over))
    return success();
  auto known = outbox_->notice_of(of.fed.row, event.user, event.conversation);
  if (!known)
    return known.error();
  return *known ? success()
                : outbox_->keep_notice(of.fed.row, {event.conversation, event.user, seq});
}

outcome dispatcher::drop_unsendable(desk& from, const outbox_event& event) {
  return outbox_->in_transaction([&]() -> outcome {
    auto finished = outbox_->finish(from.fed.row, event, place_.wall_clock());
    if (!finished)
      return finished.error();
    from.fed.waiting -= std::min<std::uint64_t>(from.fed.waiting, *finished ? 1 : 0);
    return success();
  });
}

void dispatcher::measure() {
  std::uint64_t waiting = 0;
  std::uint64_t dead = 0;
  for (const auto& [name, each] : desks_) {
    waiting += each.fed.waiting;
    dead += each.dead;
  }
  metrics_->webhook_waiting.set(static_cast<std::int64_t>(waiting));
  metrics_->webhook_dead.set(static_cast<std::int64_t>(dead));
  auto oldest = waiting > 0 ? outbox_->oldest() : std::optional<timestamp>{};
  if (!oldest)
    return;
  const auto age = *oldest ? place_.wall_clock() - **oldest : std::chrono::milliseconds{0};
  metrics_->webhook_waiting_since.set(
      *oldest ? nanoseconds_of(std::chrono::steady_clock::now() - age) : 0);
}

} // namespace parley
