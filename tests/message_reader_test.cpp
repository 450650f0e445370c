// A client's bytes become messages, also when the reader rested between them.
#include "transport/message_reader.hpp"

#include <random>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "transport/turn_queue.hpp"

using namespace parley;

namespace message_reader_test {

constexpr unsigned char is_final = 0x80;

/// A masked frame (RFC 6455, section 5.2).
std::string frame(unsigned char head, std::string_view payload) {
  constexpr std::string_view mask = "\x11\x22\x33\x44";
  std::string made(1, static_cast<char>(head));
  const auto size = payload.size();
  const std::size_t length_bytes = size < 126 ? 0 : size < 65'536 ? 2 : 8;
  made += static_cast<char>(0x80 | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127));
  for (std::size_t i = length_bytes; i-- > 0;)
    made += static_cast<char>(size >> (8 * i));
  made += mask;
  for (std::size_t i = 0; i < size; ++i)
    made += static_cast<char>(payload[i] ^ mask[i % 4]);
  return made;
}

std::string binary(std::string_view payload) { return frame(is_final | 0x02, payload); }

/// A session's reading half after the upgrade, fed by hand.
struct scene {
  net::io_context io;
  turn_queue turns{io};
  frame_writer out;
  std::vector<char> scratch = std::vector<char>(limits::frame_bytes);
  message_reader reader{turns, out, scratch, limits::frame_bytes};
  std::vector<std::string> messages;

  scene() {
    reader.accept({"dGhlIHNhbXBsZSBub25jZQ==", "", "parley"});
    written();
  }
  message_reader::step feed(std::string_view bytes) {
    reader.feed(bytes, instant{});
    for (;;) {
      const auto step = reader.next();
      if (step != message_reader::step::message)
        return step;
      messages.emplace_back(reader.message());
    }
  }
  /// What was written since the last time.
  std::string written() {
    struct : byte_sink {
      std::string all;
      ssize_t send(std::span<const iovec> pieces) override {
        const std::size_t before = all.size();
        for (const auto& each : pieces)
          all.append(static_cast<const char*>(each.iov_base), each.iov_len);
        return static_cast<ssize_t>(all.size() - before);
      }
    } sink;
    outbox none;
    bool progressed = false;
    out.write(none, encoding::msgpack, sink, progressed);
    return sink.all;
  }
};

using texts = std::vector<std::string>;

TEST_CASE("a reader that rested reads on, and says nothing to the client about it") {
  scene it;
  CHECK(it.feed(binary("one")) == message_reader::step::hungry);
  it.reader.rest();
  CHECK(it.feed(binary("two") + binary("three")) == message_reader::step::hungry);
  CHECK(it.messages == texts{"one", "two", "three"});
  CHECK(it.written().empty());
}

TEST_CASE("a reader at rest answers a ping, a close and a breach like any other") {
  scene it;
  it.reader.rest();
  CHECK(it.feed(frame(is_final | 0x09, "p")) == message_reader::step::hungry);
  CHECK(it.written() == std::string("\x8a\x01p"));
  it.reader.rest();
  SECTION("close") {
    CHECK(it.feed(frame(is_final | 0x08, "\x03\xe8")) == message_reader::step::ended);
    CHECK(it.written() == std::string("\x88\x02\x03\xe8"));
  }
  SECTION("breach") {
    CHECK(it.feed(frame(is_final | 0x03, "")) == message_reader::step::ended);
    CHECK(it.written().substr(0, 4) == std::string("\x88\x02\x03\xea"));
  }
}

TEST_CASE("a control frame in pieces wakes a reader, which is whole again behind it") {
  scene it;
  it.reader.rest();
  const std::string pings = frame(is_final | 0x09, "a") + frame(is_final | 0x09, "b");
  for (const char each : pings)
    CHECK(it.feed({&each, 1}) == message_reader::step::hungry);
  CHECK(it.written() == std::string("\x8a\x01"
                                    "a\x8a\x01"
                                    "b"));
  for (const char each : binary("one"))
    it.feed({&each, 1});
  CHECK(it.messages == texts{"one"});
}

TEST_CASE("what was kept while reading is paused is not lost by a rest") {
  scene it;
  const std::string both = binary("one") + binary("two");
  it.reader.feed(both, instant{});
  REQUIRE(it.reader.next() == message_reader::step::message);
  it.reader.keep();
  it.reader.rest();
  REQUIRE(it.reader.next() == message_reader::step::message);
  CHECK(it.reader.message() == "two");
}

TEST_CASE("a limit that was set at rest holds") {
  scene it;
  it.reader.rest();
  it.reader.limit_messages(10);
  CHECK(it.feed(binary("0123456789")) == message_reader::step::hungry);
  CHECK(it.feed(binary("0123456789a")) == message_reader::step::ended);
}

TEST_CASE("nothing rests in the middle of a frame, a header or a message of several frames") {
  std::string bytes;
  texts expected;
  const auto say = [&](const std::string& text) {
    bytes += binary(text);
    expected.push_back(text);
  };
  say("short");
  say(std::string(200, 'm'));
  say(std::string(limits::frame_bytes, 'l'));
  bytes += frame(0x02, "first ") + frame(is_final | 0x0a, "pong") + frame(is_final, "second");
  expected.push_back("first second");
  say("");
  say("last");

  std::mt19937 random{11};
  for (int round = 0; round < 90; ++round) {
    scene it;
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t most = round % 3 == 0 ? 3 : round % 3 == 1 ? 50 : 70'000;
      const std::string piece{rest.substr(0, 1 + random() % most)};
      rest.remove_prefix(piece.size());
      REQUIRE(it.feed(piece) == message_reader::step::hungry);
      it.reader.rest();
    }
    REQUIRE(it.messages == expected);
  }
}

} // namespace message_reader_test
