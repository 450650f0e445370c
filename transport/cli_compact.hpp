// `parleyd compact`.
#pragma once

#include "transport/cli.hpp"

namespace parley {

/// Returns the process's exit status.
int compact_store(const compact_options& what);

} // namespace parley
