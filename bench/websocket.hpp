// The client's half of RFC 6455, as functions on bytes: the handshake and the frames.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::bench {

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

struct FrameHeader {
  Opcode opcode;
  bool final;
  std::size_t header_bytes;
  std::uint64_t payload_bytes;
};

enum class Parse { complete, incomplete, malformed };

/// The upgrade request, offering one subprotocol, or none if that is empty. `host` is `HOST:PORT`.
std::string upgrade_request(std::string_view host, std::string_view path,
                            std::string_view subprotocol);

/// Checks a whole response head (up to and with the blank line): status 101, the right accept key
/// (RFC 6455 section 4.2.2) and the subprotocol we offered.
bool accepts_upgrade(std::string_view response_head, std::string_view subprotocol);

/// Reads a server's frame header; masked frames and reserved bits are malformed (section 5.1, 5.2).
Parse parse_frame_header(std::string_view bytes, FrameHeader& out);

/// Appends one final frame, masked as clients must (section 5.3).
void append_frame(std::string& out, Opcode opcode, std::string_view payload);

} // namespace parley::bench
