// Lays out headers in the shortest form, as the RFC asks.
#include "transport/frame.hpp"

namespace parley {

namespace {

/// A control frame holds 125 bytes, two of which are the code.
constexpr std::size_t reason_bytes = 123;

std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most)
    return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80)
    --most;
  return text.substr(0, most);
}

void put_number(frame_header& header, std::uint64_t value, int bytes) noexcept {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    header.bytes[header.size++] = static_cast<char>(value >> shift);
}

} // namespace

frame_header make_frame_header(opcode kind, std::uint64_t payload) noexcept {
  frame_header header;
  put_number(header, 0x80U | static_cast<std::uint64_t>(kind), 1);
  if (payload < 126) {
    put_number(header, payload, 1);
  } else if (payload <= 0xffff) {
    put_number(header, 126, 1);
    put_number(header, payload, 2);
  } else {
    put_number(header, 127, 1);
    put_number(header, payload, 8);
  }
  return header;
}

std::string close_frame(close_code code, std::string_view reason) {
  reason = cut(reason, reason_bytes);
  std::string frame{make_frame_header(opcode::close, 2 + reason.size()).view()};
  const auto number = static_cast<std::uint16_t>(code);
  frame += static_cast<char>(number >> 8);
  frame += static_cast<char>(number & 0xff);
  frame += reason;
  return frame;
}

std::string ping_frame() { return std::string{make_frame_header(opcode::ping, 0).view()}; }

} // namespace parley
