// What the floor's server looks at in a command; everything else is skipped.
#pragma once

#include <string_view>
#include <vector>

#include "bench/msgpack_scan.hpp"

namespace parley::bench {

/// Views into the bytes that were read.
struct Command {
  std::string_view type;
  std::string_view ref; // as it is encoded, to be echoed; empty: none
  std::string_view conversation;
  std::string_view client_id;
  std::string_view body;
  std::string_view token;
  std::vector<std::string_view> users; // `members` of a `create`, `users` of an `add`
};

/// Reads the next command of `payload`, over which the cursor goes; false when it is malformed.
bool scan_command(std::string_view payload, MsgpackCursor& cursor, Command& out);

} // namespace parley::bench
