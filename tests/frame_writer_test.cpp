// What leaves a socket: batches in one piece, control frames between messages, nothing after the
// last.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <random>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "transport/frame_writer.hpp"

namespace frame_writer_test {

using namespace parley;
using std::string;

/// Takes up to `room` bytes in all, at most `bite` at once.
struct small_sink : byte_sink {
  ssize_t send(std::span<const iovec> pieces) override {
    ++calls;
    if (broken)
      return -1;
    std::size_t took = 0;
    for (const auto& piece : pieces) {
      const std::size_t size = std::min({piece.iov_len, room, bite - took});
      bytes.append(static_cast<const char*>(piece.iov_base), size);
      took += size;
      room -= size;
    }
    return static_cast<ssize_t>(took);
  }
  string bytes;
  std::size_t room = ~std::size_t{0};
  std::size_t bite = ~std::size_t{0};
  int calls = 0;
  bool broken = false;
};

struct frame {
  int kind;
  string payload;
  friend bool operator==(const frame&, const frame&) = default;
};

std::vector<frame> frames_of(const string& bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes.at(i)); };
  std::vector<frame> all;
  for (std::size_t at = 0; at < bytes.size();) {
    const int kind = byte(at) & 0x0f;
    std::size_t size = byte(at + 1);
    const std::size_t more = size == 127 ? 8 : size == 126 ? 2 : 0;
    at += 2;
    if (more > 0)
      size = 0;
    for (std::size_t i = 0; i < more; ++i)
      size = size << 8 | byte(at++);
    REQUIRE(at + size <= bytes.size());
    all.push_back({kind, bytes.substr(at, size)});
    at += size;
  }
  return all;
}

struct fixture {
  write_state write(encoding spoken = encoding::msgpack) {
    bool progressed = false;
    return writer.write(out, spoken, sink, progressed);
  }
  void push(const string& bytes) { out.push(std::make_shared<const chunk>(bytes), {}); }
  outbox out;
  frame_writer writer;
  small_sink sink;
};

TEST_CASE("a header has the shortest form for its length") {
  const auto header = [](std::uint64_t size) {
    return string{make_frame_header(opcode::binary, size).view()};
  };
  CHECK(header(0) == string("\x82\0", 2));
  CHECK(header(125) == "\x82\x7d");
  CHECK(header(126) == string("\x82\x7e\0\x7e", 4));
  CHECK(header(65535) == "\x82\x7e\xff\xff");
  CHECK(header(65536) == string("\x82\x7f\0\0\0\0\0\x01\0\0", 10));
}

TEST_CASE("a close frame's reason is cut between characters") {
  string reason(122, 'a');
  reason += "ä";
  const string frame = close_frame(close_code::policy, reason);
  CHECK(frame.size() == 2 + 2 + 122);
  CHECK(frame.substr(2, 2) == "\x03\xf0");
}

TEST_CASE_METHOD(fixture, "everything that waits leaves as one message in one call") {
  push("abc");
  push("def");
  CHECK(write() == write_state::drained);
  CHECK(frames_of(sink.bytes) == std::vector<frame>{{2, "abcdef"}});
  CHECK(sink.calls == 1);
  CHECK(out.empty());
}

TEST_CASE_METHOD(fixture, "JSON envelopes are parted by line feeds") {
  const auto named = [](std::string_view type) {
    map_writer writer;
    writer.text("type", type);
    return std::move(writer).take();
  };
  push(named("a") + named("b"));
  push(named("c"));
  CHECK(write(encoding::json) == write_state::drained);
  CHECK(frames_of(sink.bytes) ==
        std::vector<frame>{{1, "{\"type\":\"a\"}\n{\"type\":\"b\"}\n{\"type\":\"c\"}"}});
}

TEST_CASE_METHOD(fixture, "a message ends before it grows too long, but a chunk stays whole") {
  push(string(limits::outgoing_message_bytes - 10, 'a'));
  push(string(11, 'b'));
  push(string(limits::outgoing_message_bytes + 5, 'c'));
  CHECK(write() == write_state::drained);
  const auto all = frames_of(sink.bytes);
  REQUIRE(all.size() == 3);
  CHECK(all[1].payload.size() == 11);
}

TEST_CASE_METHOD(fixture, "chunks count as waiting until their last byte is written") {
  push(string(100, 'a'));
  push(string(100, 'b'));
  sink.room = 150;
  CHECK(write() == write_state::blocked);
  CHECK(out.size() == 2);
  push("later");
  sink.room = 1000;
  CHECK(write() == write_state::drained);
  const auto all = frames_of(sink.bytes);
  REQUIRE(all.size() == 2);
  CHECK(all[0].payload.substr(0, 100) == string(100, 'a'));
  CHECK(all[0].payload.substr(100) == string(100, 'b'));
  CHECK(all[1].payload == "later");
}

TEST_CASE_METHOD(fixture,
                 "a control frame waits for the message that was begun, and goes before the next") {
  push("first");
  sink.room = 3;
  CHECK(write() == write_state::blocked);
  writer.control(ping_frame());
  push("second");
  sink.room = 1000;
  CHECK(write() == write_state::drained);
  CHECK(frames_of(sink.bytes) == std::vector<frame>{{2, "first"}, {9, ""}, {2, "second"}});
}

TEST_CASE_METHOD(fixture, "a message of which nothing was taken is not begun") {
  push("first");
  sink.room = 0;
  CHECK(write() == write_state::blocked);
  writer.control(ping_frame());
  sink.room = 1000;
  write();
  CHECK(frames_of(sink.bytes) == std::vector<frame>{{9, ""}, {2, "first"}});
}

TEST_CASE_METHOD(fixture, "nothing follows the last frame") {
  push("first");
  sink.room = 3;
  write();
  push("never");
  writer.finish(close_frame(close_code::normal, ""));
  writer.finish(close_frame(close_code::policy, ""));
  writer.control(ping_frame());
  CHECK_FALSE(writer.finished());
  sink.room = 1000;
  CHECK(write() == write_state::drained);
  CHECK(writer.finished());
  CHECK(frames_of(sink.bytes) == std::vector<frame>{{2, "first"}, {8, "\x03\xe8"}});
}

TEST_CASE_METHOD(fixture, "a broken sink is reported") {
  push("a");
  sink.broken = true;
  CHECK(write() == write_state::broken);
}

TEST_CASE_METHOD(fixture, "whatever the sink takes at a time, the same frames arrive") {
  const auto seed = Catch::rngSeed();
  CAPTURE(seed);
  std::mt19937 random{seed};
  string expected;
  for (int i = 0; i < 2'000; ++i) {
    if (random() % 3 == 0) {
      const string piece(1 + random() % 400, static_cast<char>('a' + random() % 26));
      expected += piece;
      push(piece);
    }
    if (random() % 20 == 0)
      writer.control(ping_frame());
    sink.room = random() % 300;
    sink.bite = 1 + random() % 100;
    write();
  }
  sink.room = sink.bite = ~std::size_t{0};
  CHECK(write() == write_state::drained);
  string arrived;
  for (const auto& each : frames_of(sink.bytes))
    arrived += each.payload;
  CHECK(arrived == expected);
}

} // namespace frame_writer_test
