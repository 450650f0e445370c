// Lines that come through the operator's socket.
#include <array>
#include <string>

#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/decoders.hpp"
#include "transport/main_control.hpp"

namespace parley::fuzz {

void read_control(std::string_view bytes) {
  std::array<int, 2> both{};
  promise(::socketpair(AF_UNIX, SOCK_STREAM, 0, both.data()) == 0, "there is a socket");
  promise(::write(both[0], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
          "a socket takes an input");
  ::close(both[0]);
  control_line line{both[1]};
  std::string heard;
  while (const auto one = line.read(std::chrono::milliseconds{100})) {
    promise(one->find('\n') == std::string::npos, "a line is one");
    heard += *one + '\n';
  }
  promise(bytes.starts_with(heard), "what is heard was said");
}

} // namespace parley::fuzz
