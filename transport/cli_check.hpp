// `parleyd check`: says whether the store of a stopped server is whole.
#pragma once

#include "transport/cli.hpp"

namespace parley {

/// Prints what it found; returns the exit status, 1 when something is wrong.
int check_store(const check_options& what);

} // namespace parley
