// One step at a time on the outbox's lane; what comes meanwhile is told to the next one.
#include "persistence/webhooks/courier.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"

namespace parley {

namespace {

std::size_t event_bytes_of(const committed_batch& batch) {
  std::size_t bytes = 0;
  for (const auto& each : batch.records)
    bytes += each->event.size();
  return bytes;
}

} // namespace

courier::courier(caf::actor_config& config, store_surroundings around, dispatcher_place place,
                 std::shared_ptr<const read_model> model, std::shared_ptr<webhook_sender> sender,
                 lane_ptr own)
    : courier_actor::base(config), around_(std::move(around)), wall_clock_(place.wall_clock),
      dispatcher_(std::make_shared<dispatcher>(std::move(place), std::move(model),
                                               std::move(sender), around_.metrics)),
      own_(std::move(own)), newest_(around_.marks->committed()) {
  next_.present = around_.marks->applied();
}

courier::behavior_type courier::make_behavior() {
  return {
      [this](const committed& message) { on_committed(message); },
      [this](const applied& message) {
        next_.present = message.at;
        hurry_up();
      },
      [this](const webhooks_configured& message) {
        next_.endpoints = message.endpoints;
        hurry_up();
      },
      [this](const webhook_answered& message) {
        next_.answers.push_back(message.how);
        hurry_up();
      },
      [this](const outbox_changed&) { hurry_up(); },
      [this](const courier_due& message) {
        if (message.when == wakes_at_)
          is_waking_ = false;
        resting_ = false;
        hurry_up();
      },
      [this](const courier_stepped& message) { on_stepped(message); },
      [this](const drain&) { next_.may_send = false; },
      [this](const list_webhooks& message) {
        own_->run([dispatcher = dispatcher_, message] { message.to(dispatcher->states()); });
      },
      [this](const redeliver_webhooks& message) { on_redeliver(message); },
  };
}

// What waits again is looked at by the next step.
void courier::on_redeliver(const redeliver_webhooks& message) {
  own_->run([self = handle_of<courier_actor>(this), dispatcher = dispatcher_, message] {
    auto revived = dispatcher->redeliver(message.endpoint);
    if (revived)
      tell_from_outside(self, outbox_changed{});
    message.to(std::move(revived));
  });
}

// The model has everything sooner or later, so memory need not.
void courier::on_committed(const committed& message) {
  const batch_ptr& batch = message.batch;
  const position follows = kept_.empty() ? newest_.next() : kept_.back()->at.next();
  if (batch->at == follows && kept_records_ < limits::webhook_lag_records &&
      kept_bytes_ < limits::webhook_lag_bytes) {
    kept_.push_back(batch);
    kept_records_ += batch->records.size();
    kept_bytes_ += event_bytes_of(*batch);
  }
  newest_ = std::max(newest_, batch->at);
}

void courier::hurry_up() {
  if (running_ || resting_)
    pressing_ = true;
  else
    start();
}

void courier::start() {
  running_ = true;
  pressing_ = false;
  next_.newest = newest_;
  dispatcher_work work;
  work.present = next_.present;
  work.may_send = next_.may_send;
  std::swap(work, next_);
  work.batches = applied_batches();
  own_->run([self = handle_of<courier_actor>(this), dispatcher = dispatcher_,
             work = std::move(work)]() mutable {
    auto news = dispatcher->step(std::move(work));
    courier_stepped told{failure{}};
    if (news)
      told = {news->next, news->reached, news->steps_left};
    else
      told.next = news.error();
    tell_from_outside(self, std::move(told));
  });
}

std::vector<batch_ptr> courier::applied_batches() const {
  std::vector<batch_ptr> batches;
  for (const auto& each : kept_) {
    if (each->at > next_.present)
      break;
    batches.push_back(each);
  }
  return batches;
}

void courier::on_stepped(const courier_stepped& message) {
  running_ = false;
  if (!message.next) {
    if (!std::exchange(failing_, true))
      around_.log->error("webhooks_wait reason={}", in_quotes(message.next.error().message));
    resting_ = true;
    return wake_in(limits::webhook_rest);
  }
  failing_ = false;
  while (!kept_.empty() && kept_.front()->at <= message.reached) {
    kept_records_ -= kept_.front()->records.size();
    kept_bytes_ -= event_bytes_of(*kept_.front());
    kept_.pop_front();
  }
  if (message.steps_left || pressing_)
    return start();
  std::chrono::nanoseconds delay = limits::webhook_look;
  if (*message.next)
    delay = std::clamp<std::chrono::nanoseconds>(**message.next - wall_clock_(),
                                                 std::chrono::milliseconds{1}, delay);
  wake_in(delay);
}

/// One that comes earlier than another was going to is enough: it looks and waits again.
void courier::wake_in(std::chrono::nanoseconds delay) {
  const instant when = now() + delay;
  if (is_waking_ && wakes_at_ <= when)
    return;
  is_waking_ = true;
  wakes_at_ = when;
  tell_later(this, handle_of<courier_actor>(this), delay, courier_due{when});
}

courier_actor spawn_courier(caf::actor_system& system, store_surroundings around,
                            dispatcher_place place, std::shared_ptr<const read_model> model,
                            std::shared_ptr<webhook_sender> sender, lane_ptr own) {
  return spawn_actor<courier, courier_actor>(system, std::move(around), std::move(place),
                                             std::move(model), std::move(sender), std::move(own));
}

} // namespace parley
