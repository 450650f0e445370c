// The command `parleyd export`.
#pragma once

#include "transport/cli.hpp"

namespace parley {

/// Writes the archive and says so; the status for the shell.
int export_from(const export_options& what);

} // namespace parley
