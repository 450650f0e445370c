// Picks the known keys of an envelope by length first, so that a delivery costs tens of
// nanoseconds.
#include "bench/envelope.hpp"

#include <algorithm>
#include <array>

namespace parley::bench {
namespace {

/// Where a text value under this key belongs; null when the key does not interest us.
std::string_view* text_field(std::string_view key, Envelope& out) {
  switch (key.size()) {
  case 4:
    return key == "type"   ? &out.type
           : key == "body" ? &out.body
           : key == "user" ? &out.user
           : key == "from" ? &out.from
           : key == "code" ? &out.code
                           : nullptr;
  case 6:
    return key == "reason" ? &out.text : key == "cursor" ? &out.cursor : nullptr;
  case 7:
    return key == "message" ? &out.text : nullptr;
  case 12:
    return key == "conversation" ? &out.conversation : nullptr;
  default:
    return nullptr;
  }
}

std::uint64_t* number_field(std::string_view key, Envelope& out) {
  switch (key.size()) {
  case 2:
    return key == "to" ? &out.last : nullptr;
  case 3:
    return key == "seq" ? &out.seq : key == "ref" ? &out.ref : nullptr;
  case 4:
    return key == "from" ? &out.first : nullptr;
  default:
    return nullptr;
  }
}

void scan_value(std::string_view key, MsgpackCursor& cursor, Envelope& out) {
  if (cursor.next_is_str()) {
    const std::string_view value = cursor.str();
    if (auto* field = text_field(key, out))
      *field = value;
  } else if (auto* field = number_field(key, out); field != nullptr && cursor.next_is_uint()) {
    *field = cursor.uint();
  } else {
    if (key == "events" || key == "items" || key == "hits")
      out.items = cursor.next_array();
    cursor.skip();
  }
}

} // namespace

bool scan_envelope(MsgpackCursor& cursor, Envelope& out) {
  out = Envelope{};
  for (std::uint64_t pairs = cursor.map(); pairs > 0 && cursor.ok(); --pairs)
    scan_value(cursor.str(), cursor, out);
  return cursor.ok() && !out.type.empty();
}

bool is_numbered_event(std::string_view type) {
  constexpr std::array<std::string_view, 8> numbered = {"message", "joined",  "left",     "changed",
                                                        "edited",  "deleted", "reaction", "pinned"};
  return std::find(numbered.begin(), numbered.end(), type) != numbered.end();
}

} // namespace parley::bench
