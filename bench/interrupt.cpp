// The signal handler only sets a flag; the loops look at it.
#include "bench/interrupt.hpp"

#include <csignal>

#include "bench/failure.hpp"

namespace parley::bench {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void note_signal(int) { interrupted = 1; }

} // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void fail_if_interrupted() {
  if (interrupted != 0)
    fail("interrupted");
}

} // namespace parley::bench
