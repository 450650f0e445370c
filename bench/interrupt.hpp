// Ctrl-C and SIGTERM end a run as a failure, so that the server is stopped and its files removed.
#pragma once

namespace parley::bench {

void catch_interrupts();

/// Throws a Failure once a signal has come; every waiting loop asks.
void fail_if_interrupted();

} // namespace parley::bench
