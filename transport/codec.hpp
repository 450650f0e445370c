// Between bytes on the wire and typed commands, in both encodings; total, bounded, without
// exceptions.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "actors/commands.hpp"
#include "actors/errors.hpp"
#include "actors/session.hpp"

namespace parley {

/// An envelope that is refused, but to which an answer can be given.
struct rejection {
  reference ref; ///< Absent when the client asked for no answer.
  failure why;
};

/// Bytes in which no `ref` can be made out: the connection is closed.
struct malformation {
  close_code code = close_code::malformed;
  std::string why;
};

using decoded = std::variant<envelope, rejection, malformation>;

/// The envelopes of one WebSocket message in their order; a malformation is the last. Never empty.
std::vector<decoded> decode(std::string_view message, encoding spoken);

/// MessagePack maps of ours, one after another, as JSON objects one per line, without a line feed
/// behind the last. Stops at the first byte that is not MessagePack.
std::string to_json(std::string_view msgpack_maps);

} // namespace parley
