// The server's half of RFC 6455, as functions on bytes: the handshake and the frames.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::bench {

/// The answer to an upgrade request (its whole head, up to and with the blank line) that offers
/// parley.v1.msgpack; empty when it is not such a request.
std::string upgrade_response(std::string_view request_head);

struct ClientFrame {
  unsigned opcode = 0;
  bool final = false;
  std::size_t frame_bytes = 0; // of the whole frame; 0: it has not all come yet
  std::size_t payload_at = 0;
  std::size_t payload_bytes = 0;
  std::uint32_t mask = 0; // as it lies in memory
};

/// Reads the first frame in `bytes`; false for one that a client may not send: unmasked, with
/// reserved bits, or longer than `most_payload_bytes` (section 5.1, 5.2).
bool read_client_frame(std::string_view bytes, std::size_t most_payload_bytes, ClientFrame& out);

/// Takes the mask off (section 5.3).
void unmask(char* payload, std::size_t size, std::uint32_t mask);

/// Appends the header of a final frame of `opcode` with so much payload.
void append_frame_header(std::string& out, unsigned opcode, std::size_t payload_bytes);

} // namespace parley::bench
