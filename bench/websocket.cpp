// Handshake and framing. The key is the RFC's own example, so its answer is known without hashing.
#include "bench/websocket.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace parley::bench {
namespace {

constexpr std::string_view sample_key = "dGhlIHNhbXBsZSBub25jZQ==";        // RFC 6455 section 1.3
constexpr std::string_view sample_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; // likewise

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The value of the first header of this name; empty when there is none.
std::string_view header_value(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != std::string_view::npos;) {
    const auto line_end = head.find("\r\n", at + 2);
    if (line_end == std::string_view::npos)
      break;
    const auto line = head.substr(at + 2, line_end - at - 2);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && same_name(line.substr(0, colon), name))
      return trimmed(line.substr(colon + 1));
    at = line_end;
  }
  return {};
}

/// A mask that differs from frame to frame; unpredictability protects browsers, not load clients.
std::uint32_t next_mask() {
  static std::uint32_t state = 0x9e3779b9;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

/// XORs eight bytes at a time with the mask repeated.
void apply_mask(char* bytes, std::size_t size, std::uint32_t mask) {
  const std::uint64_t wide = static_cast<std::uint64_t>(mask) << 32 | mask;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, 8);
    word ^= wide;
    std::memcpy(bytes + i, &word, 8);
  }
  char key[4];
  std::memcpy(key, &mask, 4);
  for (; i < size; ++i)
    bytes[i] = static_cast<char>(bytes[i] ^ key[i & 3]);
}

void append_length(std::string& out, std::uint64_t size) {
  const int bytes = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
  const std::uint64_t field = bytes == 0 ? size : bytes == 2 ? 126 : 127;
  out.push_back(static_cast<char>(0x80 | field));
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(size >> shift & 0xff));
}

} // namespace

std::string upgrade_request(std::string_view host, std::string_view path,
                            std::string_view subprotocol) {
  std::string request;
  request.append("GET ").append(path).append(" HTTP/1.1\r\nHost: ").append(host);
  request.append("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13");
  request.append("\r\nSec-WebSocket-Key: ").append(sample_key);
  if (!subprotocol.empty())
    request.append("\r\nSec-WebSocket-Protocol: ").append(subprotocol);
  return request.append("\r\n\r\n");
}

bool accepts_upgrade(std::string_view head, std::string_view subprotocol) {
  return head.starts_with("HTTP/1.1 101") &&
         header_value(head, "Sec-WebSocket-Accept") == sample_accept &&
         header_value(head, "Sec-WebSocket-Protocol") == subprotocol;
}

Parse parse_frame_header(std::string_view bytes, FrameHeader& out) {
  if (bytes.size() < 2)
    return Parse::incomplete;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  const auto second = static_cast<std::uint8_t>(bytes[1]);
  if ((first & 0x70) != 0 || (second & 0x80) != 0)
    return Parse::malformed;
  const std::size_t extra = second < 126 ? 0 : second == 126 ? 2 : 8;
  if (bytes.size() < 2 + extra)
    return Parse::incomplete;
  std::uint64_t size = extra == 0 ? second : 0;
  for (std::size_t i = 0; i < extra; ++i)
    size = size << 8 | static_cast<std::uint8_t>(bytes[2 + i]);
  out = {static_cast<Opcode>(first & 0x0f), (first & 0x80) != 0, 2 + extra, size};
  return Parse::complete;
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  out.push_back(static_cast<char>(0x80 | static_cast<unsigned>(opcode)));
  append_length(out, payload.size());
  const std::uint32_t mask = next_mask();
  out.append(reinterpret_cast<const char*>(&mask), sizeof mask);
  const std::size_t start = out.size();
  out.append(payload);
  apply_mask(out.data() + start, payload.size(), mask);
}

} // namespace parley::bench
