// Group commit: while one batch is being synced, the next one collects.
#include "persistence/log_writer.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "actors/fault.hpp"
#include "actors/limits.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "persistence/record_codec.hpp"

namespace parley {

namespace {

/// Runs on the lane: room in the read model first, so that what the log accepts can be applied.
result<position> commit(log_store& log, model_room& room, const std::vector<record_ptr>& records,
                        engine_metrics& metrics) {
  const std::size_t needed = room_for(records);
  if (auto reserved = room.reserve(needed); !reserved)
    return reserved.error();
  const std::string batch = encode_batch(records);
  failpoint("log_writer.before_commit");
  metrics.batch_records.observe(records.size());
  metrics.batch_bytes.observe(batch.size());
  const stopwatch time{metrics.commit_time};
  auto at = log.append(batch);
  failpoint("log_writer.after_commit");
  if (!at)
    room.release(needed);
  return at;
}

std::shared_ptr<committed_batch> batch_of(const std::vector<append>& entries) {
  auto batch = std::make_shared<committed_batch>();
  batch->records.reserve(entries.size());
  for (const auto& each : entries) {
    batch->records.push_back(each.what);
    batch->acks.insert(batch->acks.end(), each.acks.begin(), each.acks.end());
  }
  return batch;
}

} // namespace

log_writer::log_writer(caf::actor_config& config, store_surroundings around,
                       std::shared_ptr<log_store> log, std::shared_ptr<model_room> room,
                       lane_ptr own)
    : log_writer_actor::base(config), around_(std::move(around)), log_(std::move(log)),
      room_(std::move(room)), own_(std::move(own)) {}

log_writer::behavior_type log_writer::make_behavior() {
  return {
      [this](append& message) { on_append(message); },
      [this](const commit_due&) { on_commit_due(); },
      [this](const commit_finished& message) { on_commit_finished(message); },
      [this](const applied& message) { on_applied(message); },
  };
}

void log_writer::on_append(append& message) {
  failpoint("log_writer.before_enqueue");
  if (stopped_)
    return refuse(message, *stopped_);
  if (auto why = queue_.push(message))
    return refuse(message, *why);
  failpoint("log_writer.after_enqueue");
  update_throttle();
  ask_for_commit();
}

// Goes to the end of the mailbox: what is in it already joins the batch.
void log_writer::ask_for_commit() {
  if (commit_asked_ || queue_.under_way() || queue_.empty())
    return;
  commit_asked_ = true;
  tell(this, handle_of<log_writer_actor>(this), commit_due{});
}

void log_writer::on_commit_due() {
  commit_asked_ = false;
  if (stopped_ || queue_.under_way() || queue_.empty())
    return;
  under_way_ = batch_of(queue_.take());
  own_->run([self = handle_of<log_writer_actor>(this), log = log_, room = room_, batch = under_way_,
             metrics = around_.metrics] {
    const bool early = mutant("acknowledge_before_commit");
    if (early)
      tell_from_outside(self, commit_finished{log->head().next()});
    const auto at = commit(*log, *room, batch->records, *metrics);
    if (!early)
      tell_from_outside(self, commit_finished{at});
  });
}

void log_writer::on_commit_finished(const commit_finished& message) {
  if (message.at) {
    if (std::exchange(full_, false))
      around_.log->info("storage_writable");
    publish(*message.at);
  } else if (message.at.error().code == error_code::unavailable) {
    if (!std::exchange(full_, true))
      around_.log->warn("storage_full reason={}", in_quotes(message.at.error().message));
    for (const auto& each : queue_.failed())
      refuse(each, message.at.error());
  } else {
    stop_for_ever(message.at.error());
  }
  under_way_.reset();
  update_throttle();
  ask_for_commit();
}

// Durable, then visible. The conversations hear of it before anyone who might ask them about it.
void log_writer::publish(position at) {
  failpoint("log_writer.before_publish");
  under_way_->at = at;
  unapplied_.push_back({at, under_way_->records.size(), room_for(under_way_->records),
                        std::chrono::steady_clock::now()});
  unapplied_records_ += under_way_->records.size();
  mark_memberships(at);
  around_.marks->committed(at);
  around_.metrics->messages.add(static_cast<std::uint64_t>(
      std::count_if(under_way_->records.begin(), under_way_->records.end(),
                    [](const auto& each) { return each->kind == record_kind::message; })));
  std::unordered_map<conversation_id, std::pair<conversation_actor, append_number>> last;
  for (auto& each : queue_.committed(at)) {
    if (each.told)
      each.told(success());
    if (each.from)
      last[each.what->conversation] = {std::move(each.from), each.number};
  }
  for (const auto& [conversation, whom] : last)
    tell(this, whom.first, appended{whom.second, at});
  failpoint("log_writer.within_publish");
  const committed news{std::move(under_way_)};
  for (const auto& shard : around_.handles->shards)
    tell(this, shard, news);
  tell(this, around_.handles->applier, news);
  if (around_.handles->indexer)
    tell(this, around_.handles->indexer, news);
  if (around_.handles->notifier)
    tell(this, around_.handles->notifier, news);
  if (around_.handles->courier)
    tell(this, around_.handles->courier, news);
  tell_expirer(*news.batch);
  failpoint("log_writer.after_publish");
}

void log_writer::tell_expirer(const committed_batch& batch) {
  std::uint64_t earliest = 0;
  for (const auto& each : batch.records) {
    if (each->kind == record_kind::released) // what was over meanwhile goes now
      earliest = 1;
    if (each->expires_at > 0 && (earliest == 0 || each->expires_at < earliest))
      earliest = each->expires_at;
  }
  if (earliest > 0 && around_.handles->expirer)
    tell(this, around_.handles->expirer,
         expiry_noted{timestamp{std::chrono::milliseconds{earliest}}});
}

// Whoever hears of the batch, or asks behind it, must not believe what was read before.
void log_writer::mark_memberships(position at) {
  for (const auto& each : under_way_->records) {
    for (const auto& member : each->joined)
      around_.marks->memberships.changed(member.user, at);
    if (each->left)
      around_.marks->memberships.changed(*each->left, at);
    if (is_about_users(each->kind)) {
      around_.marks->memberships.changed(each->actor, at);
      around_.marks->dealings.changed(each->actor, at);
      around_.marks->dealings.changed(*each->left, at);
    }
    if (each->kind == record_kind::tuned &&
        (each->told->settings.typing || each->told->settings.receipts))
      around_.marks->dealings.changed(each->actor, at);
    for (const auto& user : each->ended)
      around_.marks->memberships.changed(user, at);
    if (each->kind == record_kind::user_erased)
      around_.marks->dealings.all_changed(at);
  }
}

void log_writer::refuse(const append& what, const failure& why) {
  if (what.told)
    what.told(why);
  if (what.from)
    tell(this, what.from, append_failed{what.number, why});
}

void log_writer::stop_for_ever(const failure& why) {
  stopped_ = why;
  for (const auto& each : queue_.drop_all())
    refuse(each, why);
  tell(this, around_.handles->supervisor, fail_stop{why.message});
}

void log_writer::on_applied(const applied& message) {
  while (!unapplied_.empty() && unapplied_.front().at <= message.at) {
    unapplied_records_ -= unapplied_.front().records;
    room_->release(unapplied_.front().room);
    unapplied_.pop_front();
  }
  log_->trim(message.at);
  queue_.forget(message.at);
  update_throttle();
}

// Between the two marks of either measure everything stays as it is.
void log_writer::update_throttle() {
  measure();
  const bool high = queue_.bytes() > limits::log_queue_high_bytes ||
                    unapplied_records_ > limits::apply_lag_high_records;
  const bool low = queue_.bytes() <= limits::log_queue_low_bytes &&
                   unapplied_records_ <= limits::apply_lag_low_records;
  if (throttled_ ? !low : !high)
    return;
  throttled_ = !throttled_;
  around_.metrics->throttled.set(throttled_ ? 1 : 0);
  for (const auto& shard : around_.handles->shards)
    tell(this, shard, throttle{throttled_});
}

void log_writer::measure() const {
  engine_metrics& all = *around_.metrics;
  all.log_queue_bytes.set(static_cast<std::int64_t>(queue_.bytes()));
  all.log_queue_records.set(static_cast<std::int64_t>(queue_.records()));
  all.unapplied_records.set(static_cast<std::int64_t>(unapplied_records_));
  all.unapplied_since.set(unapplied_.empty() ? 0 : nanoseconds_of(unapplied_.front().since));
}

log_writer_actor spawn_log_writer(caf::actor_system& system, store_surroundings around,
                                  std::shared_ptr<log_store> log, std::shared_ptr<model_room> room,
                                  lane_ptr own) {
  return spawn_actor<log_writer, log_writer_actor>(system, std::move(around), std::move(log),
                                                   std::move(room), std::move(own));
}

} // namespace parley
