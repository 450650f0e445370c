// System calls instead of Asio's reads and writes: the buffers are shared, so no call may be left
// pending.
#include "transport/tcp_link.hpp"

#include <cerrno>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace parley {

tcp_link::tcp_link(net::io_context& io, int descriptor, bool is_v6) : socket_(io.get_executor()) {
  boost::system::error_code ec;
  socket_.assign(is_v6 ? net::ip::tcp::v6() : net::ip::tcp::v4(), descriptor, ec);
  if (ec) // epoll takes no more: whoever uses this finds it closed
    ::close(descriptor);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void tcp_link::await(socket::wait_type what, bool& waiting, void (socket_session::*tell)()) {
  if (waiting || !socket_.is_open())
    return;
  waiting = true;
  socket_.async_wait(what,
                     [self = shared_from_this(), &waiting, tell](boost::system::error_code ec) {
                       waiting = false;
                       if (!ec && self->owner_ != nullptr && !self->owner_->buried)
                         (self->owner_->*tell)();
                     });
}

void tcp_link::await_readable() {
  await(socket::wait_read, reading_, &socket_session::on_readable);
}

void tcp_link::await_writable() {
  await(socket::wait_write, writing_, &socket_session::on_writable);
}

ssize_t tcp_link::receive(std::span<char> into) noexcept {
  for (;;) {
    const ssize_t got = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0)
      return got;
    if (got == 0)
      return -1;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
      return 0;
    if (errno != EINTR)
      return -1;
  }
}

ssize_t tcp_link::send(std::span<const iovec> pieces) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  for (;;) {
    const ssize_t took = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (took >= 0)
      return took;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
      return 0;
    if (errno != EINTR)
      return -1;
  }
}

void tcp_link::shutdown_send() noexcept {
  boost::system::error_code ec;
  socket_.shutdown(socket::shutdown_send, ec);
}

void tcp_link::close() noexcept {
  boost::system::error_code ec;
  socket_.close(ec);
}

} // namespace parley
