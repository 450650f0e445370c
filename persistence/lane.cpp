// A queue, a condition and a joined thread.
#include "persistence/lane.hpp"

#include <utility>

namespace parley {

thread_lane::thread_lane() : thread_([this] { work(); }) {}

void thread_lane::close() {
  {
    std::lock_guard lock{mutex_};
    closing_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

void thread_lane::run(std::function<void()> job) {
  {
    std::lock_guard lock{mutex_};
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void thread_lane::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty())
      return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr; // what the job holds is let go without the lock
    lock.lock();
  }
}

} // namespace parley
