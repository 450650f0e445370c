// Where a client's messages end, whatever pieces they come in.
#include "transport/frame_boundary.hpp"

#include <string>

#include "tests/support/catch.hpp"

using namespace parley;

namespace frame_boundary_test {

constexpr int fin = 0x80;
constexpr int masked = 0x80;

/// A frame's bytes; what they say does not matter.
std::string frame(int head, std::size_t payload, int mask = masked) {
  std::string made(1, static_cast<char>(head));
  const std::size_t length_bytes = payload < 126 ? 0 : payload < 65'536 ? 2 : 8;
  const std::size_t length = length_bytes == 0 ? payload : length_bytes == 2 ? 126 : 127;
  made += static_cast<char>(mask | static_cast<int>(length));
  for (std::size_t i = length_bytes; i-- > 0;)
    made += static_cast<char>(payload >> (8 * i));
  return made + std::string((mask != 0 ? 4 : 0) + payload, '\xff');
}

TEST_CASE("a message ends with the last byte of its frame") {
  for (const std::size_t payload : {0U, 1U, 125U, 126U, 127U, 65'535U, 65'536U, 70'000U})
    for (const int mask : {masked, 0}) {
      const std::string bytes = frame(fin | 2, payload, mask);
      frame_boundary boundary;
      CHECK(boundary.between_messages());
      for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
        boundary.take({&bytes[i], 1});
        if (boundary.between_messages())
          FAIL("payload " << payload << ", byte " << i);
      }
      boundary.take({&bytes.back(), 1});
      CHECK(boundary.between_messages());
      boundary.take(bytes);
      CHECK(boundary.between_messages());
    }
}

TEST_CASE("a message of several frames ends with its last, whatever control frames come between") {
  frame_boundary boundary;
  boundary.take(frame(2, 3));
  CHECK_FALSE(boundary.between_messages());
  boundary.take(frame(fin | 9, 5));
  CHECK_FALSE(boundary.between_messages());
  boundary.take(frame(0, 200));
  CHECK_FALSE(boundary.between_messages());
  boundary.take(frame(fin, 0));
  CHECK(boundary.between_messages());
  boundary.take(frame(fin | 10, 0));
  CHECK(boundary.between_messages());
}

} // namespace frame_boundary_test
