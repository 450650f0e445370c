// Signals are taken by threads that wait for them; no handler runs anywhere.
#include "transport/main_signals.hpp"

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

} // namespace

void hold_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int wait_for_signal() {
  const sigset_t set = stop_signals();
  int which = 0;
  while (sigwait(&set, &which) != 0) {
  }
  return which;
}

void end_at_the_latest_in(std::chrono::milliseconds deadline) {
  std::thread{[deadline] {
    const sigset_t set = stop_signals();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(deadline);
    const timespec patience{seconds.count(), (deadline - seconds).count() * 1'000'000};
    const int which = sigtimedwait(&set, nullptr, &patience);
    spdlog::warn("ended_at_once signal={}", which);
    std::_Exit(which > 0 ? 128 + which : 0); // all that was promised is on disk
  }}.detach();
}

} // namespace parley
