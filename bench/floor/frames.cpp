// Handshake and framing of the floor's server.
#include "bench/floor/frames.hpp"

#include <array>
#include <cctype>
#include <cstring>

#include <openssl/evp.h>

namespace parley::bench {
namespace {

constexpr std::string_view subprotocol = "parley.v1.msgpack";
constexpr std::string_view key_suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // section 1.3

bool same_letters(std::string_view a, std::string_view b) {
  if (a.size() != b.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(a[i])) !=
        std::tolower(static_cast<unsigned char>(b[i])))
      return false;
  return true;
}

/// The value of the first header of this name; empty when there is none.
std::string_view header_value(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != std::string_view::npos;) {
    const auto end = head.find("\r\n", at + 2);
    if (end == std::string_view::npos)
      return {};
    const auto line = head.substr(at + 2, end - at - 2);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && same_letters(line.substr(0, colon), name)) {
      const auto first = line.find_first_not_of(' ', colon + 1);
      return first == std::string_view::npos ? std::string_view{} : line.substr(first);
    }
    at = end;
  }
  return {};
}

/// Base64 of the SHA-1 of the key and the suffix (section 4.2.2).
std::string accept_key(std::string_view key) {
  const std::string text = std::string(key).append(key_suffix);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned digest_bytes = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &digest_bytes, EVP_sha1(), nullptr);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> encoded{};
  const int size = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest_bytes));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size)};
}

} // namespace

std::string upgrade_response(std::string_view head) {
  const auto key = header_value(head, "Sec-WebSocket-Key");
  const auto offered = header_value(head, "Sec-WebSocket-Protocol");
  if (!head.starts_with("GET ") || key.empty() || offered.find(subprotocol) == offered.npos)
    return {};
  std::string response = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                         "Upgrade: websocket\r\nSec-WebSocket-Accept: ";
  response.append(accept_key(key)).append("\r\nSec-WebSocket-Protocol: ");
  return response.append(subprotocol).append("\r\n\r\n");
}

bool read_client_frame(std::string_view bytes, std::size_t most_payload_bytes, ClientFrame& out) {
  out = {};
  if (bytes.size() < 2)
    return true;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  const auto second = static_cast<std::uint8_t>(bytes[1]);
  if ((first & 0x70) != 0 || (second & 0x80) == 0)
    return false;
  const std::size_t short_size = second & 0x7fU;
  const std::size_t extra = short_size < 126 ? 0 : short_size == 126 ? 2 : 8;
  const std::size_t payload_at = 2 + extra + sizeof out.mask;
  if (bytes.size() < payload_at)
    return true;
  std::uint64_t size = extra == 0 ? short_size : 0;
  for (std::size_t i = 0; i < extra; ++i)
    size = size << 8 | static_cast<std::uint8_t>(bytes[2 + i]);
  if (size > most_payload_bytes)
    return false;
  out = {first & 0x0fU, (first & 0x80) != 0, 0, payload_at, static_cast<std::size_t>(size), 0};
  std::memcpy(&out.mask, bytes.data() + 2 + extra, sizeof out.mask);
  if (bytes.size() >= payload_at + size)
    out.frame_bytes = payload_at + out.payload_bytes;
  return true;
}

void unmask(char* payload, std::size_t size, std::uint32_t mask) {
  const std::uint64_t wide = static_cast<std::uint64_t>(mask) << 32 | mask;
  std::size_t i = 0;
  for (; i + sizeof wide <= size; i += sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, payload + i, sizeof word);
    word ^= wide;
    std::memcpy(payload + i, &word, sizeof word);
  }
  char key[sizeof mask];
  std::memcpy(key, &mask, sizeof mask);
  for (; i < size; ++i)
    payload[i] = static_cast<char>(payload[i] ^ key[i & 3]);
}

void append_frame_header(std::string& out, unsigned opcode, std::size_t payload_bytes) {
  const int extra = payload_bytes < 126 ? 0 : payload_bytes <= 0xffff ? 2 : 8;
  out.push_back(static_cast<char>(0x80U | opcode));
  out.push_back(static_cast<char>(extra == 0 ? payload_bytes : extra == 2 ? 126 : 127));
  for (int shift = 8 * (extra - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(payload_bytes >> shift & 0xff));
}

} // namespace parley::bench
