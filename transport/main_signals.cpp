// Signals that stop are taken by threads that wait for them; those that kill are named first.
#include "transport/main_signals.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>

#include <spdlog/spdlog.h>
#include <unistd.h>

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
int wait_until(const sigset_t& set, std::chrono::steady_clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        std::max(until - std::chrono::steady_clock::now(), std::chrono::nanoseconds{0}));
    const timespec patience{left.count() / 1000, left.count() % 1000 * 1'000'000};
    const int which = sigtimedwait(&set, nullptr, &patience);
    if (which > 0 || errno != EINTR)
      return which;
  }
}

// Sanitizers have handlers of their own.
#ifndef PARLEY_SANITIZED
/// Only what a handler may do (signal-safety(7)): one line, then the end as it would have been.
void on_fatal_signal(int which) {
  constexpr std::string_view line =
      "fatal_signal: the process ends; nothing acknowledged is lost. If it comes again at every "
      "start, the store may be damaged: see `parleyd check`\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
  std::signal(which, SIG_DFL);
  std::raise(which);
}

void name_fatal_signals() {
  for (const int each : {SIGSEGV, SIGBUS, SIGABRT})
    std::signal(each, on_fatal_signal);
}
#else
void name_fatal_signals() {}
#endif

} // namespace

void hold_signals(hang_up what) {
  name_fatal_signals();
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = awaited_signals(what);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::optional<int> wait_for_signal(hang_up what, std::chrono::milliseconds patience) {
  const int which = wait_until(awaited_signals(what), std::chrono::steady_clock::now() + patience);
  return which > 0 ? std::optional{which} : std::nullopt;
}

void end_at_the_latest_in(std::chrono::milliseconds deadline) {
  std::thread{[until = std::chrono::steady_clock::now() + deadline] {
    const int which = wait_until(stop_signals(), until);
    spdlog::warn("ended_at_once signal={}", which);
    std::_Exit(which > 0 ? 128 + which : 0); // all that was promised is on disk
  }}.detach();
}

} // namespace parley
