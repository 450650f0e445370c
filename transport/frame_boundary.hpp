// Follows a client's frames (RFC 6455, section 5.2) just far enough to know where messages end.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley {

/// Sees the bytes that the WebSocket stream sees. It judges nothing: what breaks the protocol is
/// the stream's business, and whatever is said here of such bytes does not matter any more.
class frame_boundary {
public:
  void take(std::string_view received) noexcept {
    while (!received.empty()) {
      if (payload_ > 0) {
        const auto skipped = std::min<std::uint64_t>(payload_, received.size());
        payload_ -= skipped;
        received.remove_prefix(skipped);
      } else {
        header_[had_++] = static_cast<unsigned char>(received.front());
        received.remove_prefix(1);
        if (had_ == header_bytes())
          begin_payload();
      }
    }
  }

  /// No frame is begun, and no message of several frames.
  bool between_messages() const noexcept { return payload_ == 0 && had_ == 0 && !fragmented_; }

private:
  static constexpr std::size_t most_header_bytes = 14;

  std::size_t length_bytes() const noexcept {
    const int length = header_[1] & 0x7f;
    return length == 127 ? 8 : length == 126 ? 2 : 0;
  }
  std::size_t header_bytes() const noexcept {
    return had_ < 2 ? 2 : 2 + length_bytes() + ((header_[1] & 0x80) != 0 ? 4 : 0);
  }
  void begin_payload() noexcept {
    payload_ = length_bytes() > 0 ? 0 : header_[1] & 0x7f;
    for (std::size_t i = 0; i < length_bytes(); ++i)
      payload_ = (payload_ << 8) | header_[2 + i];
    const bool is_control = (header_[0] & 0x08) != 0;
    const bool is_final = (header_[0] & 0x80) != 0;
    if (!is_control)
      fragmented_ = !is_final;
    had_ = 0;
  }

  std::array<unsigned char, most_header_bytes> header_{};
  std::uint64_t payload_ = 0; ///< Bytes to come of the frame under way.
  std::uint8_t had_ = 0;      ///< Bytes of a header that is not whole.
  bool fragmented_ = false;
};

} // namespace parley
