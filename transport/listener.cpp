// Accepts until nobody waits; errors that pass are waited out, by timer and never in a circle.
#include "transport/listener.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actors/fault.hpp"
#include "actors/limits.hpp"

namespace parley {

namespace {

using namespace std::chrono_literals;

/// Connections taken before other handlers get their turn.
constexpr int bunch = 64;
/// Rest after the process ran out of something.
constexpr auto pause = 50ms;
/// Connections the kernel may hold for us; a storm of reconnects comes all at once.
constexpr int backlog = 4096;

failure cannot(const std::string& what, const boost::system::error_code& ec) {
  return {error_code::unavailable, "cannot " + what + ": " + ec.message(), {}};
}

int open_reserve() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

int accept_one(int from, sockaddr_storage& peer) {
  socklen_t size = sizeof peer;
  return ::accept4(from, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

bool is_exhaustion(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/// What has arrived is read, lest the answer be lost with it (RFC 9293, 3.6.1).
void answer_and_close(int descriptor, const listener::refuser& answer_to) {
  std::array<char, 4096> request;
  const ssize_t got = ::recv(descriptor, request.data(), request.size(), MSG_DONTWAIT);
  const std::string answer =
      answer_to({request.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))});
  ::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(descriptor, SHUT_WR);
  ::close(descriptor);
}

} // namespace

std::optional<net::ip::tcp::endpoint> parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos)
    return std::nullopt;
  std::string host = text.substr(0, colon);
  const std::string digits = text.substr(colon + 1);
  if (digits.empty() || digits.size() > 5 ||
      digits.find_first_not_of("0123456789") != std::string::npos || std::stoul(digits) > 65535)
    return std::nullopt;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host == "localhost")
    host = "127.0.0.1";
  boost::system::error_code ec;
  const auto address = net::ip::make_address(host, ec);
  if (ec)
    return std::nullopt;
  return net::ip::tcp::endpoint{address, static_cast<unsigned short>(std::stoul(digits))};
}

listener::listener(net::io_context& io, taker take, refuser refuse)
    : acceptor_(io.get_executor()), pause_(io.get_executor()), take_(std::move(take)),
      refuse_(std::move(refuse)), answering_(io.get_executor()), reserve_(open_reserve()) {}

listener::~listener() {
  stop();
  for (const auto& each : put_off_)
    ::close(each.descriptor);
  if (reserve_ >= 0)
    ::close(reserve_);
}

outcome listener::open(const net::ip::tcp::endpoint& at) {
  boost::system::error_code ec;
  acceptor_.open(at.protocol(), ec);
  if (ec)
    return cannot("open a socket", ec);
  // The port of a killed server still has connections in TIME_WAIT and shall bind all the same.
  acceptor_.set_option(acceptor::reuse_address{true}, ec);
  acceptor_.bind(at, ec);
  if (ec)
    return cannot("listen there", ec);
  acceptor_.listen(backlog, ec);
  if (ec)
    return cannot("listen there", ec);
  acceptor_.native_non_blocking(true, ec);
  if (ec)
    return cannot("listen there", ec);
  return success();
}

outcome listener::adopt(int descriptor) {
  const auto option_of = [descriptor](int name) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
  };
  const int family = option_of(SO_DOMAIN);
  if (option_of(SO_ACCEPTCONN) == 0 || (family != AF_INET && family != AF_INET6))
    return failure{error_code::unavailable, "what was handed down does not listen for TCP", {}};
  boost::system::error_code ec;
  acceptor_.assign(family == AF_INET6 ? net::ip::tcp::v6() : net::ip::tcp::v4(), descriptor, ec);
  if (!ec)
    acceptor_.native_non_blocking(true, ec);
  return ec ? outcome{cannot("listen there", ec)} : success();
}

net::ip::tcp::endpoint listener::where() const {
  boost::system::error_code ec;
  return acceptor_.local_endpoint(ec);
}

void listener::start() {
  if (!acceptor_.is_open())
    return;
  acceptor_.async_wait(acceptor::wait_read, [this](boost::system::error_code ec) {
    if (!ec)
      on_acceptable();
  });
}

void listener::stop() {
  boost::system::error_code ec;
  acceptor_.close(ec);
  pause_.cancel(ec);
  answering_.cancel(ec);
}

void listener::on_acceptable() {
  for (int taken = 0; taken < bunch; ++taken) {
    sockaddr_storage peer{};
    const int descriptor = accept_one(acceptor_.native_handle(), peer);
    if (descriptor >= 0) {
      if (auto refused = take_(descriptor, peer))
        put_off(descriptor, std::move(*refused));
    } else if (is_exhaustion(errno)) {
      wait_a_moment();
      return;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    } // anything else is the connection's own fault, and the next one may be fine
  }
  start();
}

void listener::turn_away() {
  for (int turned = 0; turned < bunch && turn_one_away(); ++turned) {
  }
}

/// Whoever monitors the server, or waits for it, deserves an answer all the same.
bool listener::turn_one_away() {
  if (reserve_ < 0)
    return false;
  ::close(reserve_);
  sockaddr_storage peer{};
  const int descriptor = accept_one(acceptor_.native_handle(), peer);
  if (descriptor >= 0) {
    answer_and_close(descriptor, refuse_);
  }
  reserve_ = open_reserve();
  return descriptor >= 0;
}

// --- Those that come too often -------------------------------------------------------------------

void listener::put_off(int descriptor, std::string answer) {
  if (answer.empty() || put_off_.size() >= limits::refusals_told) {
    ::close(descriptor);
    return;
  }
  put_off_.push_back({descriptor, std::move(answer)});
  if (put_off_.size() > 1)
    return;
  answering_.expires_after(pause);
  answering_.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      answer_put_off();
  });
}

void listener::answer_put_off() {
  for (const auto& each : std::exchange(put_off_, {}))
    answer_and_close(each.descriptor, [&](std::string_view) { return each.answer; });
}

// --- Those there is no descriptor for ------------------------------------------------------------

void listener::wait_a_moment() {
  pause_.expires_after(mutant("no_back_off") ? 0ms : pause);
  pause_.async_wait([this](boost::system::error_code ec) {
    if (ec)
      return;
    turn_away(); // by now their requests are here
    start();
  });
}

} // namespace parley
