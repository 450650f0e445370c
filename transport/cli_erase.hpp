// The command `parleyd erase`.
#pragma once

#include "transport/cli.hpp"

namespace parley {

/// Has the server that is at work erase a user and waits for the end, or prints a receipt; the
/// status for the shell.
int erase_through(const erase_options& what);

} // namespace parley
