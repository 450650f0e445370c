// Applies large portions when nobody waits, and at once when somebody does.
#include "persistence/applier.hpp"

#include <algorithm>
#include <utility>

#include "actors/fault.hpp"
#include "actors/limits.hpp"
#include "actors/limits_cold.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "persistence/replay.hpp"

namespace parley {

namespace {

using namespace std::chrono_literals;

/// How long to wait for space on the disk before trying again.
constexpr auto rest = 1s;

} // namespace

applier::applier(caf::actor_config& config, store_surroundings around,
                 std::shared_ptr<const log_store> log, std::shared_ptr<model_writer> model,
                 lane_ptr own, cooling_rules cooling)
    : applier_actor::base(config), around_(std::move(around)), log_(std::move(log)),
      model_(std::move(model)), own_(std::move(own)), cooling_(std::move(cooling)),
      applied_(model_->applied()), newest_(log_->head()), wanted_(newest_) {}

// What it is told later keeps the actor, which must not keep the store open as long as that.
void applier::on_exit() {
  model_.reset();
  log_.reset();
}

applier::behavior_type applier::make_behavior() {
  note_cold();
  if (applied_ < newest_)
    start();
  else if (!purge_some())
    cool_some();
  return {
      [this](const committed& message) { on_committed(message); },
      [this](const hurry& message) { on_hurry(message); },
      [this](const apply_due&) { on_apply_due(); },
      [this](const apply_finished& message) { on_apply_finished(message); },
      [this](const cool_due&) { on_cool_due(); },
      [this](const cool_finished& message) { on_cool_finished(message); },
  };
}

void applier::on_committed(const committed& message) {
  if (can_keep(*message.batch)) {
    kept_.push_back(message.batch);
    kept_records_ += message.batch->records.size();
  }
  newest_ = std::max(newest_, message.batch->at);
  consider();
}

// The log keeps everything that is not applied, so memory need not.
bool applier::can_keep(const committed_batch& batch) const {
  const position follows = kept_.empty() ? newest_.next() : kept_.back()->at.next();
  return batch.at == follows && kept_records_ < limits::apply_lag_low_records;
}

void applier::on_hurry(const hurry& message) {
  wanted_ = std::max(wanted_, message.wanted);
  consider();
}

void applier::on_apply_due() {
  waking_ = false;
  resting_ = false;
  if (running_ || stopped_)
    return;
  if (applied_ < newest_)
    start();
  else
    consider();
}

void applier::consider() {
  if (running_ || stopped_ || resting_)
    return;
  if (applied_ >= newest_) {
    purged_ = false;
    if (!purge_some())
      cool_some();
    return;
  }
  const bool replaying = kept_.empty() || kept_.front()->at != applied_.next();
  if (replaying || wanted_ > applied_ || kept_records_ >= limits::apply_records)
    start();
  else if (!purge_some() && !cool_some())
    wake_in(limits::apply_interval);
}

void applier::wake_in(std::chrono::nanoseconds delay) {
  if (waking_)
    return;
  waking_ = true;
  tell_later(this, handle_of<applier_actor>(this), delay, apply_due{});
}

void applier::start() {
  running_ = true;
  purged_ = false;
  own_->run([self = handle_of<applier_actor>(this), log = log_, model = model_,
             batches = next_batches(), metrics = around_.metrics] {
    failpoint("applier.before_apply");
    const stopwatch time{metrics->apply_time};
    tell_from_outside(
        self, apply_finished{batches.empty() ? replay_some(*log, *model) : model->apply(batches)});
  });
}

// When there is nothing to apply, or while more of it is waited for, in turns.
bool applier::purge_some() {
  if (purged_ || !model_->has_condemned())
    return false;
  running_ = purging_ = purged_ = true;
  own_->run([self = handle_of<applier_actor>(this), model = model_] {
    tell_from_outside(self, apply_finished{model->purge_some()});
  });
  return true;
}

// --- The cold store ------------------------------------------------------------------------------

// Likewise, and with a pause after each portion.
bool applier::cool_some() {
  if (cooling_.after.count() == 0 || cooling_waits_)
    return false;
  running_ = cooling_waits_ = true;
  const timestamp now = cooling_.wall_clock();
  const cooling_age age{now - cooling_.after, now - limits::cold_patience * cooling_.after};
  own_->run([self = handle_of<applier_actor>(this), model = model_, age] {
    tell_from_outside(self, cool_finished{model->cool_some(age)});
  });
  return true;
}

// Whatever waited meanwhile is applied at once. What cannot be packed stays as it is.
void applier::on_cool_finished(const cool_finished& message) {
  running_ = false;
  note_cold();
  std::chrono::nanoseconds pause = limits::cold_rest;
  if (message.more && *message.more)
    pause = limits::cold_pause;
  else if (message.more)
    pause = std::clamp<std::chrono::nanoseconds>(cooling_.after / limits::cold_walks,
                                                 limits::cold_walk_low, limits::cold_walk_high);
  else
    around_.log->warn("cooling_failed reason={}", in_quotes(message.more.error().message));
  tell_later(this, handle_of<applier_actor>(this), pause, cool_due{});
  if (applied_ < newest_ && !stopped_ && !resting_)
    start();
}

void applier::on_cool_due() {
  cooling_waits_ = false;
  consider();
}

void applier::note_cold() {
  const cold_size now = model_->cold();
  around_.metrics->cold_segments.set(static_cast<std::int64_t>(now.segments));
  around_.metrics->cold_bytes.set(static_cast<std::int64_t>(now.bytes));
  around_.metrics->cold_raw_bytes.set(static_cast<std::int64_t>(now.raw_bytes));
}

// --- Applying ------------------------------------------------------------------------------------

// Nothing when the next batch is not at hand.
std::vector<batch_ptr> applier::next_batches() const {
  std::vector<batch_ptr> batches;
  if (kept_.empty() || kept_.front()->at != applied_.next())
    return batches;
  // More than the model takes in one transaction would be copied in vain.
  const std::size_t most = std::min(kept_.size(), 2 * limits::apply_records);
  batches.assign(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(most));
  return batches;
}

void applier::on_apply_finished(const apply_finished& message) {
  running_ = false;
  const bool was_purge = std::exchange(purging_, false);
  if (message.at) {
    reached(*message.at);
    consider();
  } else if (was_purge) {
    if (message.at.error().code != error_code::unavailable)
      around_.log->error("purge_failed reason={}", in_quotes(message.at.error().message));
    wake_in(rest); // it is in no hurry, and holds up nothing
  } else if (message.at.error().code == error_code::unavailable) {
    resting_ = true;
    waking_ = false; // An earlier wake-up would only come too soon, once.
    wake_in(rest);
  } else {
    stopped_ = true;
    tell(this, around_.handles->supervisor, fail_stop{message.at.error().message});
  }
}

void applier::note_notices() {
  const notices_so_far now = model_->notices();
  of(around_.metrics->notices, notice_change::made).add(now.made - counted_.made);
  of(around_.metrics->notices, notice_change::withdrawn).add(now.withdrawn - counted_.withdrawn);
  of(around_.metrics->notices, notice_change::joined).add(now.joined - counted_.joined);
  counted_ = now;
}

void applier::reached(position at) {
  failpoint("applier.before_telling");
  applied_ = at;
  note_cold();
  note_notices();
  while (!kept_.empty() && kept_.front()->at <= at) {
    kept_records_ -= kept_.front()->records.size();
    kept_.pop_front();
  }
  around_.marks->applied(at);
  tell(this, around_.handles->log_writer, applied{at});
  tell(this, around_.handles->reader, applied{at});
  if (around_.handles->indexer)
    tell(this, around_.handles->indexer, applied{at});
  if (around_.handles->courier)
    tell(this, around_.handles->courier, applied{at});
}

applier_actor spawn_applier(caf::actor_system& system, store_surroundings around,
                            std::shared_ptr<const log_store> log,
                            std::shared_ptr<model_writer> model, lane_ptr own,
                            cooling_rules cooling) {
  return spawn_actor<applier, applier_actor>(system, std::move(around), std::move(log),
                                             std::move(model), std::move(own), std::move(cooling));
}

} // namespace parley
