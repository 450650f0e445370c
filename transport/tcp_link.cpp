// System calls instead of Asio's reads and writes: the buffers are shared, so no call may be left
// pending.
#include "transport/tcp_link.hpp"

#include <boost/asio/post.hpp>
#include <netinet/tcp.h>
#include <unistd.h>

#include "transport/socket_calls.hpp"

namespace parley {

tcp_link::tcp_link(net::io_context& io, int descriptor, bool is_v6, const tls_context* tls,
                   metrics_ptr metrics)
    : socket_(io.get_executor()), metrics_(std::move(metrics)) {
  boost::system::error_code ec;
  socket_.assign(is_v6 ? net::ip::tcp::v6() : net::ip::tcp::v4(), descriptor, ec);
  if (ec) { // epoll takes no more: whoever uses this finds it closed
    ::close(descriptor);
    return;
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (tls != nullptr)
    tls_ = std::make_unique<tls_channel>(*tls, descriptor);
}

// --- Readiness -----------------------------------------------------------------------------------

void tcp_link::await(socket::wait_type what, bool& waiting, void (tcp_link::*tell)()) {
  if (waiting || !socket_.is_open())
    return;
  waiting = true;
  socket_.async_wait(what,
                     [self = shared_from_this(), &waiting, tell](boost::system::error_code ec) {
                       waiting = false;
                       if (!ec)
                         (self.get()->*tell)();
                     });
}

void tcp_link::await_readable() {
  if (!tls_ || !tls_->has_more() || reading_)
    return await(socket::wait_read, reading_, &tcp_link::on_readable);
  reading_ = true; // what was decrypted already makes no socket readable
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    self->reading_ = false;
    self->on_readable();
  });
}

void tcp_link::await_writable() { await(socket::wait_write, writing_, &tcp_link::on_writable); }

void tcp_link::on_readable() {
  if (owner_ != nullptr && !owner_->buried)
    owner_->on_readable();
}

void tcp_link::on_writable() {
  if (tls_) {
    tls_->flush();
    settle();
  }
  if (owner_ != nullptr && !owner_->buried)
    owner_->on_writable();
}

// --- Bytes ---------------------------------------------------------------------------------------

ssize_t tcp_link::counted(ssize_t bytes, counter& into) noexcept {
  if (bytes > 0)
    into.add(static_cast<std::uint64_t>(bytes));
  return bytes;
}

bool tcp_link::is_loopback() const noexcept {
  boost::system::error_code ec;
  const auto peer = socket_.remote_endpoint(ec).address();
  if (ec || !peer.is_v6() || !peer.to_v6().is_v4_mapped())
    return !ec && peer.is_loopback();
  return net::ip::make_address_v4(net::ip::v4_mapped, peer.to_v6()).is_loopback();
}

ssize_t tcp_link::receive(std::span<char> into) noexcept {
  if (!tls_)
    return counted(receive_now(socket_.native_handle(), into), metrics_->bytes_in);
  const ssize_t got = tls_->receive(into);
  settle();
  return counted(got, metrics_->bytes_in);
}

ssize_t tcp_link::send(std::span<const iovec> pieces) {
  if (!tls_)
    return counted(send_now(socket_.native_handle(), pieces), metrics_->bytes_out);
  const ssize_t took = tls_->send(pieces);
  settle();
  return counted(took, metrics_->bytes_out);
}

/// What TLS has taken it also gets rid of, whether or not the owner has more to send.
void tcp_link::settle() {
  if (tls_->owes())
    await_writable();
  else if (std::exchange(ending_, false))
    shutdown_send();
}

// --- The end -------------------------------------------------------------------------------------

void tcp_link::shutdown_send() noexcept {
  if (tls_)
    tls_->finish();
  ending_ = tls_ && tls_->owes();
  if (ending_)
    return await_writable();
  boost::system::error_code ec;
  socket_.shutdown(socket::shutdown_send, ec);
}

void tcp_link::close() noexcept {
  if (tls_ && tls_->peer_finished())
    tls_->finish();
  tls_.reset(); // the descriptor will be somebody else's
  boost::system::error_code ec;
  socket_.close(ec);
}

} // namespace parley
