// What systemd says is in variables, what it is told is a datagram, as its manual pages have it.
#include "transport/main_service.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace parley {

namespace {

constexpr int first_inherited = 3; ///< SD_LISTEN_FDS_START.

std::optional<std::uint64_t> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  std::uint64_t number = 0;
  if (text == nullptr)
    return std::nullopt;
  const std::string_view digits{text};
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return read.ec == std::errc{} ? std::optional{number} : std::nullopt;
}

} // namespace

void notify_systemd(std::string_view state) {
  const char* place = std::getenv("NOTIFY_SOCKET");
  sockaddr_un to{};
  const std::string_view path{place == nullptr ? "" : place};
  if (path.empty() || path.size() >= sizeof to.sun_path)
    return;
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, path.size());
  if (path.front() == '@') // an abstract address
    to.sun_path[0] = '\0';
  const int made = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (made < 0)
    return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  [[maybe_unused]] const ssize_t sent = ::sendto(made, state.data(), state.size(), MSG_NOSIGNAL,
                                                 reinterpret_cast<const sockaddr*>(&to), size);
  ::close(made);
}

result<std::optional<int>> inherited_socket() {
  const auto count = number_in("LISTEN_FDS");
  if (!count || *count == 0 || number_in("LISTEN_PID") != static_cast<std::uint64_t>(::getpid()))
    return std::optional<int>{};
  if (*count > 1)
    return failure{error_code::unavailable, "more than one socket was handed down", {}};
  return std::optional{first_inherited};
}

std::optional<std::chrono::microseconds> watchdog_interval() {
  const auto interval = number_in("WATCHDOG_USEC");
  const auto process = number_in("WATCHDOG_PID");
  if (!interval || *interval == 0 ||
      (process && *process != static_cast<std::uint64_t>(::getpid())))
    return std::nullopt;
  return std::chrono::microseconds{*interval};
}

} // namespace parley
