// A queue, a condition and a joined thread.
#include "persistence/lane.hpp"

#include <utility>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "actors/log.hpp"

namespace parley {

namespace {

/// About half the share of a thread that is waited for (sched(7): a factor of 1.25 per step).
constexpr int behind_niceness = 3;
/// A sixtieth: under full load it hardly gets on, which nobody notices but who waits for just that.
constexpr int background_niceness = 19;

int niceness_of(urgency how) {
  return how == urgency::behind ? behind_niceness : background_niceness;
}

} // namespace

thread_lane::thread_lane(const char* name, urgency how, log_ptr log)
    : log_(std::move(log)), thread_([this, how] { work(how); }) {
  ::pthread_setname_np(thread_.native_handle(), name);
}

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

void thread_lane::work(urgency how) {
  const log_scope to_log{log_};
  if (how !=
      urgency::waited_for) // Linux counts niceness by thread; nothing is lost when it is refused
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness_of(how));
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
