// Gathers chunks into one message and hands it to the sink in one call.
#include "transport/frame_writer.hpp"

#include <array>

#include "actors/limits.hpp"
#include "transport/codec.hpp"

namespace parley {

namespace {

/// Chunks of one message: with separators and header they must fit one system call.
constexpr std::size_t most_chunks = 255;

std::string_view bytes_of(const chunk& what, encoding spoken) {
  return spoken == encoding::msgpack ? std::string_view{what.msgpack()}
                                     : std::string_view{what.json(&to_json)};
}

/// Text that is made for this counts as waiting too.
std::size_t size_at(outbox& from, std::size_t index, encoding spoken) {
  const std::size_t size = bytes_of(*from.at(index), spoken).size();
  from.recount(index);
  return size;
}

/// JSON envelopes are separated by line feeds, within chunks and between them.
std::size_t separator(encoding spoken) { return spoken == encoding::json ? 1 : 0; }

/// The pieces of one message, without the bytes that are written already.
class piece_list {
public:
  explicit piece_list(std::size_t skip) : skip_(skip) {}
  void add(std::string_view bytes) {
    const std::size_t skipped = std::min(skip_, bytes.size());
    skip_ -= skipped;
    bytes.remove_prefix(skipped);
    if (!bytes.empty())
      pieces_[count_++] = {const_cast<char*>(bytes.data()), bytes.size()};
  }
  std::span<const iovec> all() const { return std::span{pieces_}.first(count_); }

private:
  std::array<iovec, 2 * most_chunks + 1> pieces_;
  std::size_t count_ = 0;
  std::size_t skip_;
};

} // namespace

void frame_writer::control(std::string_view bytes) {
  if (!finishing_)
    control_ += bytes;
}

void frame_writer::finish(std::string_view frame) {
  control(frame);
  finishing_ = true;
}

void frame_writer::begin(outbox& from, encoding spoken) {
  std::size_t payload = size_at(from, 0, spoken);
  chunks_ = 1;
  while (chunks_ < from.size() && chunks_ < most_chunks) {
    const std::size_t more = size_at(from, chunks_, spoken) + separator(spoken);
    if (payload + more > limits::outgoing_message_bytes)
      break;
    payload += more;
    ++chunks_;
  }
  header_ = make_frame_header(spoken == encoding::json ? opcode::text : opcode::binary, payload);
  size_ = header_.size + payload;
  written_ = 0;
}

/// Writes as much of the message as the sink takes; true when it is done.
bool frame_writer::write_message(outbox& from, encoding spoken, byte_sink& sink, ssize_t& took) {
  piece_list pieces{written_};
  pieces.add(header_.view());
  for (std::size_t i = 0; i < chunks_; ++i) {
    if (i > 0 && spoken == encoding::json)
      pieces.add("\n");
    pieces.add(bytes_of(*from.at(i), spoken));
  }
  took = sink.send(pieces.all());
  if (took > 0)
    written_ += static_cast<std::size_t>(took);
  if (written_ == 0)
    chunks_ = 0; // not begun after all: control frames may go first
  if (written_ < size_ || chunks_ == 0)
    return false;
  for (; chunks_ > 0; --chunks_)
    from.pop();
  return true;
}

ssize_t frame_writer::write_control(byte_sink& sink) {
  const iovec piece{control_.data(), control_.size()};
  const ssize_t took = sink.send({&piece, 1});
  if (took > 0)
    control_.erase(0, static_cast<std::size_t>(took));
  if (control_.empty())
    std::string{}.swap(control_); // an idle session keeps no buffer
  return took;
}

write_state frame_writer::write(outbox& from, encoding spoken, byte_sink& sink, bool& progressed) {
  for (;;) {
    ssize_t took = 0;
    bool done = false;
    if (chunks_ > 0) {
      done = write_message(from, spoken, sink, took);
    } else if (!control_.empty()) {
      took = write_control(sink);
      done = control_.empty();
    } else if (!finishing_ && !from.empty()) {
      begin(from, spoken);
      done = write_message(from, spoken, sink, took);
    } else {
      return write_state::drained;
    }
    progressed = progressed || took > 0;
    if (took < 0)
      return write_state::broken;
    if (!done)
      return write_state::blocked;
  }
}

} // namespace parley
