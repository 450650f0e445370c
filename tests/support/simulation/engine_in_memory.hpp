// The whole engine on one thread: real actors and a real store, with every job waiting to be
// stepped.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "actors/engine.hpp"
#include "persistence/store.hpp"
#include "persistence/store_actors.hpp"
#include "tests/support/simulation/memory_shard.hpp"
#include "tests/support/simulation/oracle.hpp"

namespace parley::test {

using random_source = std::mt19937_64;

/// A lane whose jobs run when the simulation picks them.
class stepped_lane : public lane {
public:
  void run(std::function<void()> job) override { jobs_.push_back(std::move(job)); }
  bool has_job() const { return !jobs_.empty(); }
  /// Jobs hold actors which hold the lane; a crash has to cut that circle.
  void drop_jobs() { jobs_.clear(); }
  void step();

private:
  std::deque<std::function<void()>> jobs_;
};

/// A log that fails when told to, and reports to the truth what it really wrote.
class watched_log : public log_store {
public:
  watched_log(std::shared_ptr<log_store> inner, truth& all)
      : inner_(std::move(inner)), truth_(all) {}

  result<position> append(std::string_view batch) override;
  position head() const override { return inner_->head(); }
  position floor() const override { return inner_->floor(); }
  result<std::vector<logged_batch>> read(position from, std::size_t most_bytes) const override {
    return inner_->read(from, most_bytes);
  }
  void trim(position applied) override { inner_->trim(applied); }

  bool failing = false;
  std::vector<std::string> faults;

private:
  std::shared_ptr<log_store> inner_;
  truth& truth_;
};

/// One life of the engine over a data directory; destroying it is a crash of the process, since
/// only what its lanes have done is on disk. It keeps files' bytes where there is a directory for
/// them.
class engine_in_memory {
public:
  engine_in_memory(const std::filesystem::path& data, truth& all, random_source& random,
                   std::size_t shards, bool limited = false, retention_bounds retention = {},
                   message_windows windows = {});
  ~engine_in_memory();

  /// Runs one random job that is ready: an actor's turn or a lane's. False when nothing is.
  bool step();
  /// Lets virtual time pass: timers of actors and shards.
  void advance(std::chrono::milliseconds by);
  /// Runs until nothing is left to do, timers of the next moments included.
  void settle();

  memory_shard& shard(std::size_t index) { return *shards_[index]; }
  std::size_t shard_count() const { return shards_.size(); }
  watched_log& log() { return *log_; }
  const cursor_sealer& cursors() const { return *cursors_; }
  instant now() const { return now_; }
  timestamp wall_clock() const { return context_->wall_clock(); }
  /// Actors that are alive, those of connections and conversations included.
  std::size_t actors_alive() const { return system_->registry().running(); }
  /// Ends an actor as an exception in one of its handlers would.
  void fault_connection(std::size_t index) { fail_actor(connections_[index]); }
  void fault_applier() { fail_actor(context_->handles->applier); }
  void fault_directory() { fail_actor(context_->handles->directory); }
  void fault_shard(std::size_t index) { fail_actor(context_->handles->shards[index]); }
  const std::vector<std::string>& failures() const { return failures_; }
  const read_model& model() const { return *store_->model(); }
  const std::shared_ptr<store>& data() const { return store_; }
  /// Packs all events that are older; gives how many segments there are then.
  std::size_t cool(std::chrono::milliseconds older);
  const context_ptr& context() const { return context_; }
  caf::actor_system& actors() { return *system_; }

private:
  bool step_actor();
  bool step_lane();

  random_source& random_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::shared_ptr<store> store_;
  std::shared_ptr<watched_log> log_;
  std::unique_ptr<cursor_sealer> cursors_;
  std::vector<std::shared_ptr<stepped_lane>> lanes_;
  context_ptr context_;
  std::vector<memory_shard*> shards_;
  std::vector<connection_actor> connections_;
  instant now_{};
  std::uint64_t ids_ = 0;
  std::vector<std::string> failures_;
};

} // namespace parley::test
