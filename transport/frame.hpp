// WebSocket frames as a server writes them (RFC 6455, section 5): never masked, never fragmented.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "actors/errors.hpp"

namespace parley {

enum class opcode : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// The bytes in front of a payload: 2, 4 or 10 of them.
struct frame_header {
  std::array<char, 10> bytes{};
  std::size_t size = 0;
  std::string_view view() const noexcept { return {bytes.data(), size}; }
};

/// The header of a whole message of `payload` bytes.
frame_header make_frame_header(opcode kind, std::uint64_t payload) noexcept;

/// A whole close frame; the reason is cut to what a control frame holds, between characters.
std::string close_frame(close_code code, std::string_view reason);

/// A whole ping frame without a payload.
std::string ping_frame();

} // namespace parley
