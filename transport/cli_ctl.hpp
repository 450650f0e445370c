// `parleyd ctl`.
#pragma once

#include <string>

#include "transport/cli.hpp"

namespace parley {

/// What is asked of a server over HTTP.
struct ctl_request {
  std::string method;
  std::string target;
  std::string body = {}; ///< JSON, or nothing.
};

/// The request that an action is.
ctl_request request_of(const ctl_options& what);

/// An answer, which is one JSON object, as a person reads it.
std::string told_by(const ctl_options& what, const std::string& json);

/// Asks the server that is at work on the data directory, as its operator, and prints the answer;
/// returns the exit status.
int ask_server_at_work(const ctl_options& what);

} // namespace parley
