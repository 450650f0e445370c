// What this client looks at in an envelope from the server; everything else is skipped.
#pragma once

#include <cstdint>
#include <string_view>

#include "bench/msgpack_scan.hpp"

namespace parley::bench {

/// Views into the bytes that were read; they end with the callback that receives them.
struct Envelope {
  std::string_view type;
  std::string_view conversation;
  std::string_view body;
  std::string_view user;
  std::string_view from; // who sent a `message`
  std::string_view code; // of an `error`
  std::string_view cursor;
  std::string_view text;   // `message` of an `error`, `reason` of a `bye` or `reset`
  std::uint64_t seq = 0;   // 0: none
  std::uint64_t ref = 0;   // 0: none; ours start at 1
  std::uint64_t items = 0; // events of a `page`, items of a list, hits of a search
  std::uint64_t first = 0; // `from` and `to` of a `gap`
  std::uint64_t last = 0;
};

/// Reads the next envelope of a WebSocket message; false when the bytes are malformed.
bool scan_envelope(MsgpackCursor& cursor, Envelope& out);

/// True for events that carry a number of their conversation's sequence.
bool is_numbered_event(std::string_view type);

} // namespace parley::bench
