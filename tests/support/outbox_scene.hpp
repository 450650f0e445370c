// A store, an outbox beside it, and a sender that writes down what it is given.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "persistence/event_facts.hpp"
#include "persistence/webhooks/dispatcher.hpp"
#include "tests/support/store_of_test.hpp"

namespace parley::test {

class sender_of_test : public webhook_sender {
public:
  void send(webhook_delivery what) override { sent.push_back(std::move(what)); }

  std::deque<webhook_delivery> sent;
};

/// Time passes when the test says so, and chance is the longest delay or what it says.
class outbox_scene : public store_of_test {
public:
  outbox_scene() { write_each({told.created("start", {"olga"})}); }

  webhook_endpoint_ptr endpoint(const std::string& id, std::vector<std::string> events = {"*"},
                                std::vector<conversation_kind> kinds = {}) {
    webhook_endpoint made{id};
    made.events = std::move(events);
    made.conversations = std::move(kinds);
    return std::make_shared<const webhook_endpoint>(std::move(made));
  }
  /// From now on these are told, as after a SIGHUP.
  void configure(webhook_endpoint_list all) {
    endpoints = std::move(all);
    dispatcher_work work;
    work.endpoints = endpoints;
    step(std::move(work));
  }
  /// A new dispatcher on what is on disk, as after a kill and a start.
  void restart() {
    worker.reset();
    sender->sent.clear();
    close();
    open();
    if (!endpoints.empty())
      configure(endpoints);
  }

  dispatcher& dispatching() {
    if (!worker) {
      dispatcher_place place;
      place.data = path();
      place.epoch = get().epoch();
      place.newest = log()->head();
      place.wall_clock = [this] { return now; };
      place.chance = [this] { return chance; };
      worker = std::make_unique<dispatcher>(place, model(), sender, metrics);
    }
    return *worker;
  }
  dispatcher_news step(dispatcher_work work = {}) {
    work.newest = log()->head();
    work.present = model()->applied();
    last = must(dispatching().step(std::move(work)));
    return last;
  }
  /// Steps until all is taken in.
  void settle() {
    for (step(); last.steps_left;)
      step();
  }
  /// Records happen and are told as batches, the way a running server does.
  void happen(const std::vector<record_ptr>& records) {
    dispatcher_work work;
    const auto first = log()->head().value() + 1;
    write_each(records);
    for (const auto& each : records)
      work.batches.push_back(batch_at(first + work.batches.size(), {each}));
    step(std::move(work));
  }
  /// Records happen while nobody looks.
  void happen_unseen(const std::vector<record_ptr>& records) { write_each(records); }

  /// "room/2 room/3": what was sent and is not answered, in order.
  std::string under_way() const {
    std::string text;
    for (const auto& each : sender->sent)
      text += (text.empty() ? "" : " ") + name_of(each);
    return text;
  }
  static std::string name_of(const webhook_delivery& what) {
    const auto facts = facts_of(what.event);
    return std::string(facts->conversation) + "/" + std::to_string(facts->seq);
  }

  /// The oldest that is under way is answered.
  void answer(webhook_result what, std::optional<std::chrono::seconds> retry_after = {}) {
    dispatcher_work work;
    work.answers.push_back({sender->sent.front().number, what, retry_after, "as the test says"});
    sender->sent.pop_front();
    step(std::move(work));
  }
  /// Everything is accepted until nothing comes any more; what it was, in order.
  std::string accept_all() {
    std::string text;
    settle();
    while (!sender->sent.empty()) {
      text += (text.empty() ? "" : " ") + name_of(sender->sent.front());
      answer(webhook_result::accepted);
    }
    return text;
  }
  outbox_counts counts(const std::string& id) {
    auto outbox = must(webhook_outbox::open_existing(path()));
    for (const auto& each : must(outbox->endpoints()))
      if (each.name == id)
        return must(outbox->count(each.row));
    throw std::runtime_error("no endpoint " + id);
  }

  story told;
  timestamp now{std::chrono::milliseconds{1'700'000'000'000}};
  std::uint64_t chance = 0;
  metrics_ptr metrics = std::make_shared<engine_metrics>();
  std::shared_ptr<sender_of_test> sender = std::make_shared<sender_of_test>();
  webhook_endpoint_list endpoints;
  dispatcher_news last;
  std::unique_ptr<dispatcher> worker;
};

} // namespace parley::test
