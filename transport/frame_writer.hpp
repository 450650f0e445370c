// Everything one socket is to be written, in order: answers and events in batches, control frames
// between them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <sys/uio.h>

#include "actors/outbox.hpp"
#include "actors/session.hpp"
#include "transport/frame.hpp"

namespace parley {

/// Where bytes go: a socket, or a test.
class byte_sink {
public:
  virtual ~byte_sink() = default;
  /// Bytes taken of all the pieces together; 0 when it takes none now, negative when it never will.
  virtual ssize_t send(std::span<const iovec> pieces) = 0;
};

enum class write_state : std::uint8_t { drained, blocked, broken };

/// Turns an outbox into WebSocket messages of many envelopes each, without copying them: chunks
/// stay in the outbox, and count there, until their last byte is written.
class frame_writer {
public:
  /// Queues whole frames, or the bytes of an HTTP response, ahead of messages that are not begun.
  void control(std::string_view bytes);

  /// Queues the last frame, ahead of messages that are not begun; whatever else comes is not
  /// written. Only the first call counts.
  void finish(std::string_view frame);

  /// Writes until nothing is left or the sink is full. `progressed` tells whether it took anything.
  write_state write(outbox& from, encoding spoken, byte_sink& sink, bool& progressed);

  /// Frames or responses wait to be written.
  bool pending() const noexcept { return !control_.empty(); }
  /// The last frame is decided.
  bool finishing() const noexcept { return finishing_; }
  /// The last frame is written.
  bool finished() const noexcept { return finishing_ && control_.empty() && chunks_ == 0; }

private:
  void begin(outbox& from, encoding spoken);
  bool write_message(outbox& from, encoding spoken, byte_sink& sink, ssize_t& took);
  ssize_t write_control(byte_sink& sink);

  std::string control_;
  frame_header header_;
  std::size_t chunks_ = 0;  ///< Chunks in the message that is being written; 0 for none.
  std::size_t size_ = 0;    ///< Its bytes, header included.
  std::size_t written_ = 0; ///< Of these.
  bool finishing_ = false;
};

} // namespace parley
