// `parleyd backup`: copies a store beside a running server, or without one.
#pragma once

#include "transport/cli.hpp"

namespace parley {

/// Prints what the copy holds, or why there is none; returns the exit status.
int back_up_store(const backup_options& what);

} // namespace parley
