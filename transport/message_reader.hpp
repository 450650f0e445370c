// Turns received bytes into WebSocket messages: Beast's stream, driven step by step.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "actors/outbox.hpp"
#include "transport/frame_boundary.hpp"
#include "transport/frame_writer.hpp"

namespace parley {

class turn_queue;

/// What the 101 answer needs to know of the request.
struct handshake {
  std::string_view key;         ///< Sec-WebSocket-Key, checked already.
  std::string_view subprotocol; ///< The chosen one, or empty.
  std::string_view server;      ///< For the Server header.
};

/// Server side of RFC 6455 for one socket. What Beast has to say (the 101, pongs, its close frame)
/// goes to the writer; what the client says is pulled out with `next`.
class message_reader {
public:
  enum class step : std::uint8_t {
    message, ///< `message()` holds one until the next call.
    hungry,  ///< Everything received is used up.
    ended,   ///< The client closed, or broke the protocol; the writer has the close frame.
    abusive, ///< Too many control frames or fragments.
  };

  /// `scratch` is where payloads are unmasked; sessions may share it, as nothing stays there.
  message_reader(turn_queue& turns, frame_writer& out, std::span<char> scratch,
                 std::size_t message_bytes);
  ~message_reader();

  void accept(const handshake& request);

  /// Hands over what was received; it must stay where it is until `next` says hungry or `keep` is
  /// called. Only when hungry.
  void feed(std::string_view received, instant now);
  step next();
  /// Copies what is not used up yet: reading is paused and the memory is needed by others.
  void keep();
  /// Gives back the stream's memory, 2.5 KB and more, when nothing is begun; what is fed next makes
  /// a new one. For sessions that have been silent for a while.
  void rest();

  std::string_view message() const noexcept;
  bool is_text() const noexcept;
  /// Longer messages end the connection with 1009.
  void limit_messages(std::size_t bytes);

private:
  class stream;
  std::unique_ptr<stream> make_stream();

  turn_queue& turns_;
  frame_writer& out_;
  std::span<char> scratch_;
  std::size_t message_bytes_;
  frame_boundary boundary_;
  std::unique_ptr<stream> stream_; ///< Null while at rest.
  bool woken_ = false;             ///< It has rested, and no message has come since.
};

} // namespace parley
