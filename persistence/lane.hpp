// Where blocking work runs: a lane does one job after another, off the scheduler's threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "actors/log_sink.hpp"

namespace parley {

/// Runs jobs one at a time in the order they were given. A job does not throw.
class lane {
public:
  virtual ~lane() = default;
  virtual void run(std::function<void()> job) = 0;
};
using lane_ptr = std::shared_ptr<lane>;

/// How a lane's thread competes for the processor.
enum class urgency : std::uint8_t {
  waited_for, ///< Somebody waits for each job.
  behind,     ///< Work that may lag: it yields to what is waited for.
  background, ///< Work that nobody misses for a while: it yields to everything else.
};

/// A lane with a thread of its own; a job may queue another one until it is closed.
class thread_lane : public lane {
public:
  /// `name`, at most 15 bytes, is what the system's tools call the thread. What jobs have to say
  /// goes to `log`.
  explicit thread_lane(const char* name, urgency how = urgency::waited_for,
                       log_ptr log = silent_log());
  ~thread_lane() override { close(); }
  thread_lane(const thread_lane&) = delete;
  thread_lane& operator=(const thread_lane&) = delete;

  void run(std::function<void()> job) override;

  /// Runs what is queued, then joins. The lane's owner closes it before letting go of it: a job may
  /// hold the last other reference, and the lane's thread cannot join itself.
  void close();

private:
  void work(urgency how);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool closing_ = false;
  log_ptr log_;
  std::thread thread_;
};

} // namespace parley
