// `parleyd import`.
#pragma once

#include "transport/cli.hpp"

namespace parley {

/// Takes over the lines of a file; returns the exit status, 1 when some were refused.
int import_into(const import_options& what);

} // namespace parley
