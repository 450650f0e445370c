// Socket calls, handshake and frame assembly of one connection.
#include "bench/connection.hpp"

#include <utility>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/clock.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t read_step = 256UL * 1024;           // bytes one read may take at least
constexpr std::size_t largest_frame = 64UL * 1024 * 1024; // more is a fault of the server

std::string describe_close(std::string_view payload) {
  if (payload.size() < 2)
    return "without a code";
  const auto code =
      static_cast<std::uint8_t>(payload[0]) << 8 | static_cast<std::uint8_t>(payload[1]);
  return "with code " + std::to_string(code) + " " + std::string(payload.substr(2));
}

} // namespace

Connection::~Connection() {
  if (socket_ >= 0)
    ::close(socket_);
}

void Connection::connect(const Endpoint& endpoint) {
  connect_ns_ = now_ns();
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0)
    fail_errno("cannot open a socket for connection ", index_);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  phase_ = Phase::connecting;
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
  if (::connect(socket_, address, sizeof endpoint.address) != 0 && errno != EINPROGRESS)
    fail_errno("connection ", index_, " cannot connect to ", endpoint.host);
}

void Connection::connected(const Endpoint& endpoint) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0)
    fail_here("cannot connect to ", endpoint.host, ": ", std::strerror(error));
  outbox_ = upgrade_request(endpoint.host, endpoint.path, dialect_.subprotocol());
  phase_ = Phase::upgrading;
}

bool Connection::flush() {
  const ssize_t wrote = ::send(socket_, outbox_.data(), outbox_.size(), MSG_NOSIGNAL);
  if (wrote >= 0)
    outbox_.erase(0, static_cast<std::size_t>(wrote));
  else if (errno != EAGAIN && errno != EINTR)
    fail_here("cannot write: ", std::strerror(errno));
  return outbox_.empty();
}

/// Puts what was left over in front of what is read now; returns the bytes there are, 0 for none
/// new.
std::size_t Connection::read_socket(ReadBuffer& buffer) {
  const std::size_t kept = leftover_.size();
  if (buffer.size() < kept + read_step)
    buffer.resize(kept + read_step);
  const ssize_t got = ::recv(socket_, buffer.data() + kept, buffer.size() - kept, 0);
  if (got == 0)
    fail_here("the server closed the connection without a close frame");
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR)
      return 0;
    fail_here("cannot read: ", std::strerror(errno));
  }
  leftover_.copy(buffer.data(), kept);
  return kept + static_cast<std::size_t>(got);
}

void Connection::receive(ReadBuffer& buffer, EnvelopeSink& sink) {
  const std::size_t size = read_socket(buffer);
  if (size == 0)
    return;
  std::string_view bytes(buffer.data(), size);
  if (phase_ == Phase::upgrading)
    bytes.remove_prefix(take_upgrade(bytes));
  if (phase_ > Phase::upgrading)
    bytes.remove_prefix(take_frames(bytes, sink));
  leftover_.assign(bytes);
}

std::size_t Connection::take_upgrade(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return 0;
  const auto head = bytes.substr(0, end + 4);
  if (!accepts_upgrade(head, dialect_.subprotocol()))
    fail_here("the upgrade was refused: ", head.substr(0, head.find("\r\n")));
  hello_ns_ = now_ns();
  phase_ = Phase::greeting;
  dialect_.greet(*this);
  return head.size();
}

std::size_t Connection::take_frames(std::string_view bytes, EnvelopeSink& sink) {
  std::size_t taken = 0;
  for (;;) {
    FrameHeader header{};
    const Parse parsed = parse_frame_header(bytes.substr(taken), header);
    if (parsed == Parse::malformed || header.payload_bytes > largest_frame)
      fail_here("malformed WebSocket frame from the server");
    const std::size_t frame_bytes = header.header_bytes + header.payload_bytes;
    if (parsed == Parse::incomplete || bytes.size() - taken < frame_bytes)
      return taken;
    take_frame(header, bytes.substr(taken + header.header_bytes, header.payload_bytes), sink);
    taken += frame_bytes;
  }
}

void Connection::take_frame(const FrameHeader& header, std::string_view payload,
                            EnvelopeSink& sink) {
  switch (header.opcode) {
  case Opcode::text:
  case Opcode::binary:
    if (header.opcode != opcode_)
      fail_here("a message that is text where bytes are due, or the reverse");
    [[fallthrough]];
  case Opcode::continuation:
    if (fragmented_ != (header.opcode == Opcode::continuation))
      fail_here("a fragmented message out of order");
    fragmented_ = !header.final;
    if (header.final && fragments_.empty())
      return take_message(payload, sink);
    fragments_.append(payload);
    if (header.final)
      take_message(std::exchange(fragments_, {}), sink);
    return;
  case Opcode::ping:
    ++pings_;
    return append_frame(outbox_, Opcode::pong, payload);
  case Opcode::pong:
    return;
  case Opcode::close:
    fail_here("the server closed ", describe_close(payload));
  default:
    fail_here("a frame with opcode ", static_cast<int>(header.opcode), " is not ours to get");
  }
}

void Connection::take_message(std::string_view payload, EnvelopeSink& sink) {
  const std::size_t taken = dialect_.take(*this, payload, sink);
  if (taken < payload.size())
    fragments_.assign(payload.substr(taken));
}

void Connection::close() {
  if (socket_ < 0)
    return;
  if (phase_ == Phase::live) {
    append_frame(outbox_, Opcode::close, std::string_view("\x03\xe8", 2));
    [[maybe_unused]] const auto sent =
        ::send(socket_, outbox_.data(), outbox_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  ::close(std::exchange(socket_, -1));
  phase_ = Phase::closed;
}

} // namespace parley::bench
