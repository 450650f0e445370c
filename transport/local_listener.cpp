// Accepts until nobody waits; without descriptors it tries again in a while.
#include "transport/local_listener.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport/local_address.hpp"

namespace parley {

namespace {

/// Connections the kernel may hold: operators are few.
constexpr int operators_waiting = 16;
constexpr std::chrono::milliseconds rest_without_descriptors{100};

failure no_local_socket(const std::filesystem::path& file, int code) {
  return {error_code::unavailable, file.string() + ": " + std::strerror(code), {}};
}

} // namespace

local_listener::local_listener(net::io_context& io, taker take)
    : acceptor_(io.get_executor()), pause_(io.get_executor()), take_(std::move(take)) {}

local_listener::~local_listener() {
  stop();
  if (!file_.empty())
    ::unlink(file_.c_str());
}

outcome local_listener::open(const std::filesystem::path& directory, const char* name) {
  const std::filesystem::path file = directory / name;
  ::unlink(file.c_str());
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made < 0)
    return no_local_socket(file, errno);
  if (::bind(made, local_address{directory, name}.get(), local_address::size()) != 0 ||
      ::chmod(file.c_str(), 0600) != 0 || ::listen(made, operators_waiting) != 0) {
    auto why = no_local_socket(file, errno);
    ::close(made);
    return why;
  }
  file_ = file;
  boost::system::error_code ec;
  acceptor_.assign(net::local::stream_protocol{}, made, ec);
  if (!ec)
    return success();
  ::close(made);
  return no_local_socket(file, ec.value());
}

void local_listener::start() {
  if (!acceptor_.is_open())
    return;
  acceptor_.async_wait(acceptor::wait_read, [this](boost::system::error_code ec) {
    if (!ec)
      on_acceptable();
  });
}

void local_listener::stop() {
  boost::system::error_code ec;
  acceptor_.close(ec);
  pause_.cancel(ec);
}

void local_listener::on_acceptable() {
  for (;;) {
    const int descriptor =
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      take_(descriptor);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK)
      return start();
    if (errno != ECONNABORTED && errno != EINTR)
      return wait_a_moment();
  }
}

void local_listener::wait_a_moment() {
  pause_.expires_after(rest_without_descriptors);
  pause_.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      start();
  });
}

} // namespace parley
