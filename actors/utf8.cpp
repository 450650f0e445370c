// Checks UTF-8 with a fast way through plain ASCII.
#include "actors/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace parley {

namespace {

bool is_continuation(unsigned char byte) noexcept { return (byte & 0xc0) == 0x80; }

/// Bytes of the well-formed sequence at the start of `text`, or 0 (RFC 3629, section 4).
std::size_t sequence_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  std::size_t length = 1;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (first < 0x80)
    return 1;
  if (first < 0xc2 || first > 0xf4)
    return 0;
  if (first < 0xe0)
    length = 2;
  else if (first < 0xf0)
    length = 3;
  else
    length = 4;
  if (first == 0xe0)
    low = 0xa0;
  if (first == 0xed)
    high = 0x9f;
  if (first == 0xf0)
    low = 0x90;
  if (first == 0xf4)
    high = 0x8f;
  if (text.size() < length || byte(1) < low || byte(1) > high)
    return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!is_continuation(byte(i)))
      return 0;
  return length;
}

std::size_t ascii_prefix(std::string_view text) noexcept {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + at, 8);
    if (eight & 0x8080808080808080U)
      break;
  }
  return at;
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    text.remove_prefix(ascii_prefix(text));
    for (int i = 0; i < 8 && !text.empty(); ++i) {
      const std::size_t length = sequence_length(text);
      if (length == 0)
        return false;
      text.remove_prefix(length);
    }
  }
  return true;
}

} // namespace parley
