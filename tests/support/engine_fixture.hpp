// An actor system that runs when the test says so, and colleagues that write down what they are
// told.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <caf/scheduler/test_coordinator.hpp>

#include "actors/store_interfaces.hpp"
#include "actors/watermarks.hpp"
#include "tests/support/manual_lane.hpp"

namespace parley::test {

/// What was told to whom, one line per message, in the order it was handled.
class transcript {
public:
  void add(const std::string& who, const std::string& what) { lines_.push_back(who + ": " + what); }
  /// The lines since the last call.
  std::vector<std::string> take() { return std::exchange(lines_, {}); }

private:
  std::vector<std::string> lines_;
};

/// A name for the outcome: a failure's code, or what `value` gives.
template <class T, class Value>
std::string outcome_of(const result<T>& from, Value&& value) {
  return from ? std::string(value(*from)) : std::string(describe(from.error().code).name);
}

class shard_probe : public shard_actor::base {
public:
  shard_probe(caf::actor_config& config, transcript& to, std::string name)
      : shard_actor::base(config), to_(to), name_(std::move(name)) {}

  behavior_type make_behavior() override {
    return {
        [this](const committed& each) { to_.add(name_, "committed " + text_of(*each.batch)); },
        [this](const answer& each) { to_.add(name_, "answer " + text_of(each)); },
        [this](const admit&) { to_.add(name_, "admit"); },
        [this](const refuse&) { to_.add(name_, "refuse"); },
        [this](const renew&) { to_.add(name_, "renew"); },
        [this](const caught_up& each) {
          to_.add(name_, "caught_up " + std::to_string(each.session) + " " +
                             outcome_of(each.missed, [](const auto& got) {
                               return std::to_string(got->memberships.size()) + " memberships";
                             }));
        },
        [this](const whispered&) { to_.add(name_, "whispered"); },
        [this](const presence_told&) { to_.add(name_, "presence_told"); },
        [this](const session_ended&) { to_.add(name_, "session_ended"); },
        [this](const throttle& each) { to_.add(name_, each.on ? "throttle on" : "throttle off"); },
        [this](const drain&) { to_.add(name_, "drain"); },
        [this](const user_ended&) { to_.add(name_, "user_ended"); },
    };
  }

private:
  static std::string text_of(const committed_batch& batch) {
    std::string text = std::to_string(batch.at.value()) + ":";
    for (const auto& each : batch.records)
      text += " " + each->conversation.str() + "/" + std::to_string(each->seq.value());
    return batch.acks.empty() ? text : text + " acks " + std::to_string(batch.acks.size());
  }
  static std::string text_of(const answer& told) {
    std::string text = std::to_string(told.session) + (told.envelope.empty() ? " nothing" : "");
    for (const auto* type : {"page", "conversations", "error"}) {
      if (told.envelope.find(type) < 8)
        text += std::string(" ") + type;
    }
    if (told.envelope.find("results") < 8)
      text += " results " + std::to_string(count(told.envelope, "snippet"));
    if (told.pulled)
      text += " pulled " + std::to_string(told.pulled_first.value()) + "-" +
              std::to_string(told.pulled_last.value());
    return text;
  }

  static std::size_t count(std::string_view in, std::string_view what) {
    std::size_t times = 0;
    for (auto at = in.find(what); at != std::string_view::npos; at = in.find(what, at + 1))
      ++times;
    return times;
  }

  transcript& to_;
  std::string name_;
};

class conversation_probe : public conversation_actor::base {
public:
  conversation_probe(caf::actor_config& config, transcript& to, std::string name)
      : conversation_actor::base(config), to_(to), name_(std::move(name)) {}

  behavior_type make_behavior() override {
    return {
        [this](const ask&) { to_.add(name_, "ask"); },
        [this](const loaded& each) {
          to_.add(name_, "loaded " + outcome_of(each.snapshot, [](const auto& got) {
                           return got->exists ? std::to_string(got->head.value()) : "nothing";
                         }));
        },
        [this](const keys_found& each) {
          to_.add(name_, "keys_found " + outcome_of(each.found, [](const auto& got) {
                           return std::to_string(got.size());
                         }));
        },
        [this](const message_found&) { to_.add(name_, "message_found"); },
        [this](const invited_found&) { to_.add(name_, "invited_found"); },
        [this](const receipts_found& each) {
          to_.add(name_, "receipts_found " + outcome_of(each.found, [](const auto& got) {
                           return std::to_string(got.size());
                         }));
        },
        [this](const appended& each) {
          to_.add(name_, "appended " + std::to_string(each.last.value()) + " at " +
                             std::to_string(each.at.value()));
        },
        [this](const append_failed& each) {
          to_.add(name_, "append_failed " + std::to_string(each.number.value()) + " " +
                             std::string(describe(each.why.code).name));
        },
        [this](const files_found&) { to_.add(name_, "files_found"); },
        [this](const typing_due&) { to_.add(name_, "typing_due"); },
        [this](const passivate&) { to_.add(name_, "passivate"); },
        [this](const dealings_found&) { to_.add(name_, "dealings_found"); },
        [this](const profile_found&) { to_.add(name_, "profile_found"); },
    };
  }

private:
  transcript& to_;
  std::string name_;
};

class log_writer_probe : public log_writer_actor::base {
public:
  log_writer_probe(caf::actor_config& config, transcript& to)
      : log_writer_actor::base(config), to_(to) {}
  behavior_type make_behavior() override {
    return {
        [this](const append&) { to_.add("log_writer", "append"); },
        [this](const commit_due&) { to_.add("log_writer", "commit_due"); },
        [this](const commit_finished&) { to_.add("log_writer", "commit_finished"); },
        [this](const applied& each) {
          to_.add("log_writer", "applied " + std::to_string(each.at.value()));
        },
    };
  }

private:
  transcript& to_;
};

class applier_probe : public applier_actor::base {
public:
  applier_probe(caf::actor_config& config, transcript& to) : applier_actor::base(config), to_(to) {}
  behavior_type make_behavior() override {
    return {
        [this](const committed& each) {
          to_.add("applier", "committed " + std::to_string(each.batch->at.value()));
        },
        [this](const hurry& each) {
          to_.add("applier", "hurry " + std::to_string(each.wanted.value()));
        },
        [this](const apply_due&) { to_.add("applier", "apply_due"); },
        [this](const apply_finished&) { to_.add("applier", "apply_finished"); },
        [](const cool_due&) {},
        [](const cool_finished&) {},
    };
  }

private:
  transcript& to_;
};

class reader_probe : public reader_actor::base {
public:
  reader_probe(caf::actor_config& config, transcript& to) : reader_actor::base(config), to_(to) {}
  behavior_type make_behavior() override {
    return {
        [this](const load_conversation&) { to_.add("reader", "load_conversation"); },
        [this](const find_keys&) { to_.add("reader", "find_keys"); },
        [this](const find_receipts&) { to_.add("reader", "find_receipts"); },
        [this](const find_message&) { to_.add("reader", "find_message"); },
        [this](const find_invited&) { to_.add("reader", "find_invited"); },
        [this](const read_inquiry&) { to_.add("reader", "read_inquiry"); },
        [this](const read_page&) { to_.add("reader", "read_page"); },
        [this](const read_list&) { to_.add("reader", "read_list"); },
        [this](const read_catch_up&) { to_.add("reader", "read_catch_up"); },
        [this](const read_shared&) { to_.add("reader", "read_shared"); },
        [this](const read_seen&) { to_.add("reader", "read_seen"); },
        [this](const read_due&) { to_.add("reader", "read_due"); },
        [this](const read_own_list&) { to_.add("reader", "read_own_list"); },
        [this](const read_totals&) { to_.add("reader", "read_totals"); },
        [this](const read_notifiable&) { to_.add("reader", "read_notifiable"); },
        [this](const read_recent&) { to_.add("reader", "read_recent"); },
        [this](const read_files&) { to_.add("reader", "read_files"); },
        [this](const read_trimmable&) { to_.add("reader", "read_trimmable"); },
        [this](const read_erasures&) { to_.add("reader", "read_erasures"); },
        [this](const applied& each) {
          to_.add("reader", "applied " + std::to_string(each.at.value()));
        },
        [this](const read_dealings&) { to_.add("reader", "read_dealings"); },
        [this](const find_profile&) { to_.add("reader", "find_profile"); },
    };
  }

private:
  transcript& to_;
};

class supervisor_probe : public supervisor_actor::base {
public:
  supervisor_probe(caf::actor_config& config, transcript& to)
      : supervisor_actor::base(config), to_(to) {}
  behavior_type make_behavior() override {
    return {[this](const fail_stop& each) { to_.add("supervisor", "fail_stop " + each.why); }};
  }

private:
  transcript& to_;
};

/// All colleagues are probes until a test puts a real actor in the place of one.
class engine_fixture {
public:
  engine_fixture() {
    config_.set("scheduler.policy", caf::atom("testing"));
    system_ = std::make_unique<caf::actor_system>(config_);
    for (const auto* name : {"shard 0", "shard 1"})
      handles->shards.push_back(spawn_actor<shard_probe, shard_actor>(*system_, said, name));
    handles->log_writer = spawn_actor<log_writer_probe, log_writer_actor>(*system_, said);
    handles->applier = spawn_actor<applier_probe, applier_actor>(*system_, said);
    handles->reader = spawn_actor<reader_probe, reader_actor>(*system_, said);
    handles->supervisor = spawn_actor<supervisor_probe, supervisor_actor>(*system_, said);
  }
  ~engine_fixture() {
    for (const auto& each : conversations_)
      end_actor(each);
    for (const auto& each : handles->shards)
      end_actor(each);
    end_actor(handles->log_writer);
    end_actor(handles->applier);
    end_actor(handles->reader);
    end_actor(handles->indexer);
    end_actor(handles->supervisor);
    end_actor(handles->courier);
    run();
    lane->drop_jobs();
    *handles = {};
    conversations_.clear();
  }

  caf::actor_system& system() { return *system_; }

  /// Puts a real actor in the place of a probe.
  template <class Handle>
  void replace(Handle& probe, Handle real) {
    end_actor(probe);
    run();
    probe = std::move(real);
  }

  conversation_actor conversation(const std::string& name) {
    conversations_.push_back(
        spawn_actor<conversation_probe, conversation_actor>(*system_, said, name));
    return conversations_.back();
  }

  /// Handles every message there is; time stands still.
  void run() {
    while (coordinator().try_run_once())
      continue;
  }
  /// Lets time pass, then handles what came of it.
  void pass(std::chrono::milliseconds time) {
    run(); // what sets a timer sets it now
    coordinator().advance_time(time);
    run();
  }

  /// What was said since the last call, once nobody has anything left to say.
  std::vector<std::string> heard() {
    run();
    return said.take();
  }

  transcript said;
  std::shared_ptr<engine_handles> handles = std::make_shared<engine_handles>();
  watermarks_ptr marks = std::make_shared<watermarks>();
  std::shared_ptr<manual_lane> lane = std::make_shared<manual_lane>();

private:
  caf::scheduler::test_coordinator& coordinator() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  }

  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<conversation_actor> conversations_; ///< Ended with the fixture.
};

} // namespace parley::test
