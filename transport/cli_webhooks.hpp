// `parleyd webhooks`.
#pragma once

#include "transport/cli.hpp"

namespace parley {

/// Tells of each endpoint how far it is, or puts the dead letters of one back; returns the exit
/// status.
int show_webhooks(const webhooks_options& what);

} // namespace parley
