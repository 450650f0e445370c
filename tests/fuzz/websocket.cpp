// A client's frames, however the network cuts them.
#include <algorithm>
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "tests/fuzz/decoders.hpp"
#include "transport/message_reader.hpp"
#include "transport/turn_queue.hpp"

namespace parley::fuzz {

namespace {

/// Sizes of the pieces, over and over, and what is done between them.
struct cutting {
  std::vector<std::size_t> sizes;
  bool rests = false;
  bool keeps = false;
};

cutting take_cutting(std::string_view& bytes) {
  const unsigned first = take_byte(bytes);
  cutting made{{}, (first & 0x80) != 0, (first & 0x40) != 0};
  for (unsigned i = 0; i < first % 8; ++i)
    made.sizes.push_back(take_byte(bytes) + 1);
  return made;
}

/// What a session has read behind its upgrade.
struct reading {
  std::vector<std::string> messages;
  message_reader::step end = message_reader::step::hungry;
};

reading read_frames(std::string_view bytes, const cutting& how) {
  net::io_context io;
  turn_queue turns{io};
  frame_writer out;
  std::vector<char> scratch(4096);
  message_reader reader{turns, out, scratch, limits::frame_bytes};
  reader.accept({"dGhlIHNhbXBsZSBub25jZQ==", "parley.v1.json", "parley"});
  reading made;
  for (std::size_t i = 0; !bytes.empty() && made.end == message_reader::step::hungry; ++i) {
    const auto size = how.sizes.empty() ? bytes.size() : how.sizes[i % how.sizes.size()];
    std::string piece{take_front(bytes, size)};
    reader.feed(piece, instant{});
    while ((made.end = reader.next()) == message_reader::step::message) {
      made.messages.push_back((reader.is_text() ? "t" : "b") + std::string{reader.message()});
      if (how.keeps) {
        reader.keep();
        std::fill(piece.begin(), piece.end(), '\0');
      }
    }
    if (how.rests)
      reader.rest();
  }
  return made;
}

} // namespace

void read_websocket(std::string_view bytes) {
  const cutting how = take_cutting(bytes);
  const reading whole = read_frames(bytes, {});
  const reading cut = read_frames(bytes, how);
  for (const auto& each : whole.messages)
    promise(each.size() <= limits::frame_bytes + 1, "no message is longer than the limit");
  if (whole.end == message_reader::step::abusive || cut.end == message_reader::step::abusive)
    return; // how much is too much depends on the pieces
  promise(whole.end == cut.end, "a session ends the same however its bytes are cut");
  promise(whole.messages == cut.messages, "the messages are the same however the bytes are cut");
}

} // namespace parley::fuzz
