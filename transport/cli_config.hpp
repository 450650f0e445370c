// `parleyd config check`.
#pragma once

#include <string>
#include <vector>

#include "transport/cli.hpp"

namespace parley {

/// What is to be said of a configuration.
struct config_findings {
  std::vector<std::string> problems; ///< Each keeps a server from starting.
  std::vector<std::string> warnings; ///< It starts, but somebody may not have meant this.
};

/// Reads the files that are named and looks at the data directory; changes nothing, and binds to
/// nothing. `now` is the wall clock.
config_findings look_at_config(const serve_options& options, std::chrono::sys_seconds now);

/// The warnings among these that are not about the data directory, which whoever starts a server
/// has opened by then.
std::vector<std::string> warnings_of_start(const serve_options& options,
                                           std::chrono::sys_seconds now);

/// What is wrong with a text as an origin, as browsers write them (RFC 6454, section 6.2); empty:
/// nothing.
std::string flaw_of_origin(const std::string& origin);

/// Prints the findings; returns the exit status, 1 when there are problems.
int check_config(const config_options& what);

} // namespace parley
