// One connection at a time: the commands are rare, long, and not to run beside one another.
#include "transport/main_control.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport/local_address.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

constexpr const char* file_name = "control";
/// Whoever connects says at once what they want: others wait behind them.
constexpr std::chrono::seconds command_patience{2};
/// A line that is longer is nobody's command.
constexpr std::size_t longest_line = 32'768;

failure control_failure(std::string_view what, int code) {
  return {
      error_code::unavailable, "control: " + std::string(what) + ": " + std::strerror(code), {}};
}

/// Until the socket can be read; false when `wake` can, or it takes too long.
bool wait_for(int socket, int wake, std::optional<std::chrono::milliseconds> patience = {}) {
  std::array<pollfd, 2> both{{{socket, POLLIN, 0}, {wake, POLLIN, 0}}};
  const int most = patience ? static_cast<int>(patience->count()) : -1;
  int ready = 0;
  while ((ready = ::poll(both.data(), both.size(), most)) < 0 && errno == EINTR) {
  }
  return ready > 0 && both[1].revents == 0;
}

} // namespace

control_line::~control_line() { ::close(socket_); }

std::optional<std::string> control_line::read(std::optional<std::chrono::milliseconds> patience) {
  for (;;) {
    if (const auto end = rest_.find('\n'); end != std::string::npos) {
      std::string line = rest_.substr(0, end);
      rest_.erase(0, end + 1);
      return line;
    }
    if (rest_.size() > longest_line || !wait_for(socket_, wake_, patience))
      return std::nullopt;
    std::array<char, 512> some{};
    const auto got = ::read(socket_, some.data(), some.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return std::nullopt;
    rest_.append(some.data(), static_cast<std::size_t>(got));
  }
}

bool control_line::write(std::string_view line) {
  const std::string whole = std::string(line) + '\n';
  for (std::size_t done = 0; done < whole.size();) {
    const auto sent = ::send(socket_, whole.data() + done, whole.size() - done, MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR)
      return false;
    done += sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }
  return true;
}

bool control_line::is_over() const {
  std::array<pollfd, 2> both{{{socket_, POLLRDHUP, 0}, {wake_, POLLIN, 0}}};
  return ::poll(both.data(), both.size(), 0) > 0;
}

result<std::unique_ptr<control_line>> connect_control(const fs::path& data) {
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0)
    return control_failure("no socket", errno);
  auto line = std::make_unique<control_line>(made);
  if (::connect(made, local_address{data, file_name}.get(), local_address::size()) != 0)
    return control_failure("nobody answers", errno);
  return line;
}

result<std::unique_ptr<control_door>> control_door::open(const fs::path& data, handler handle) {
  const fs::path file = data / file_name;
  ::unlink(file.c_str()); // of a server that was killed: this one has the directory's lock
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0)
    return control_failure("no socket", errno);
  if (::bind(made, local_address{data, file_name}.get(), local_address::size()) != 0 ||
      ::chmod(file.c_str(), 0600) != 0 || ::listen(made, 4) != 0) {
    auto why = control_failure(file.string(), errno);
    ::close(made);
    return why;
  }
  const int wake = ::eventfd(0, EFD_CLOEXEC);
  if (wake < 0) {
    auto why = control_failure("no event", errno);
    ::close(made);
    return why;
  }
  return std::unique_ptr<control_door>{new control_door(file, made, wake, std::move(handle))};
}

control_door::control_door(fs::path file, int socket, int wake, handler handle)
    : file_(std::move(file)), socket_(socket), wake_(wake), handle_(std::move(handle)),
      thread_([this] { serve(); }) {
  pthread_setname_np(thread_.native_handle(), "parley.control");
}

control_door::~control_door() {
  const std::uint64_t once = 1;
  while (::write(wake_, &once, sizeof once) < 0 && errno == EINTR) {
  }
  thread_.join();
  ::close(socket_);
  ::close(wake_);
  ::unlink(file_.c_str());
}

void control_door::serve() {
  while (wait_for(socket_, wake_)) { // for as long as it takes
    const int accepted = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) { // out of descriptors, perhaps for long
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
      continue;
    }
    control_line line{accepted, wake_};
    if (const auto command = line.read(command_patience))
      handle_(*command, line);
  }
}

} // namespace parley
