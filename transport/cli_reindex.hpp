// `parleyd reindex`.
#pragma once

#include "transport/cli.hpp"

namespace parley {

/// Returns the process's exit status.
int reindex_store(const reindex_options& what);

} // namespace parley
