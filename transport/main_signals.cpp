// Signals are taken by threads that wait for them; no handler runs anywhere.
#include "transport/main_signals.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <spdlog/spdlog.h>

namespace parley {

namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

sigset_t awaited_signals(hang_up what) {
  sigset_t set = stop_signals();
  if (what == hang_up::reloads)
    sigaddset(&set, SIGHUP);
  return set;
}

/// The signal that came, or a negative number when none did. A process that was stopped and goes on
/// has not waited long enough.
int wait_until(std::chrono::steady_clock::time_point until) {
  const sigset_t set = stop_signals();
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        std::max(until - std::chrono::steady_clock::now(), std::chrono::nanoseconds{0}));
    const timespec patience{left.count() / 1000, left.count() % 1000 * 1'000'000};
    const int which = sigtimedwait(&set, nullptr, &patience);
    if (which > 0 || errno != EINTR)
      return which;
  }
}

} // namespace

void hold_signals(hang_up what) {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = awaited_signals(what);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int wait_for_signal(hang_up what) {
  const sigset_t set = awaited_signals(what);
  int which = 0;
  while (sigwait(&set, &which) != 0) {
  }
  return which;
}

void end_at_the_latest_in(std::chrono::milliseconds deadline) {
  std::thread{[until = std::chrono::steady_clock::now() + deadline] {
    const int which = wait_until(until);
    spdlog::warn("ended_at_once signal={}", which);
    std::_Exit(which > 0 ? 128 + which : 0); // all that was promised is on disk
  }}.detach();
}

} // namespace parley
