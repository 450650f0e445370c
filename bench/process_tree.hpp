// A process and all that descend from it, and the bytes below a directory.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace parley::bench {

/// The process first, then its children, theirs and so on, as they are now.
std::vector<pid_t> processes_under(pid_t root);

/// The sizes of all files below a directory, added up.
double bytes_under(const std::string& directory);

} // namespace parley::bench
