// A lane whose jobs run when the test says so.
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "persistence/lane.hpp"

namespace parley::test {

class manual_lane : public lane {
public:
  void run(std::function<void()> job) override { jobs_.push_back(std::move(job)); }

  std::size_t waiting() const noexcept { return jobs_.size(); }

  /// Runs the oldest job; false when there is none.
  bool step() {
    if (jobs_.empty())
      return false;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    return true;
  }

  /// Forgets what was not run, as a crash would; jobs keep their actors alive.
  void drop_jobs() { jobs_.clear(); }

private:
  std::deque<std::function<void()>> jobs_;
};

} // namespace parley::test
