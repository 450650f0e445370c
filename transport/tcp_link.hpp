// One non-blocking TCP socket on its shard's thread, with or without TLS: readiness from Asio,
// reads and writes at once.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "actors/metrics.hpp"
#include "transport/frame_writer.hpp"
#include "transport/socket_session.hpp"
#include "transport/tls_channel.hpp"

namespace parley {

namespace net = boost::asio;

/// The socket outlives its owner for as long as Asio has a handler waiting for it. Whether there is
/// TLS on it is nobody's business but its own.
class tcp_link final : public byte_sink, public std::enable_shared_from_this<tcp_link> {
public:
  /// Takes over a connected, non-blocking descriptor; it speaks TLS when `tls` is given.
  /// Its bytes are counted in `metrics`.
  tcp_link(net::io_context& io, int descriptor, bool is_v6, const tls_context* tls,
           metrics_ptr metrics);

  /// Who is told of readiness; nobody when null.
  void owned_by(socket_session* owner) noexcept { owner_ = owner; }

  /// Calls the owner once when there is something to read, or the peer is gone.
  void await_readable();
  /// Calls the owner once when there is room to write.
  void await_writable();

  /// Whether the peer is on this machine.
  bool is_loopback() const noexcept;

  /// It came through the operators' socket.
  void mark_as_operators() noexcept { operators_ = true; }
  bool is_operators() const noexcept { return operators_; }

  /// Bytes received; 0 when there are none now, negative when the peer is gone or has ended.
  ssize_t receive(std::span<char> into) noexcept;
  ssize_t send(std::span<const iovec> pieces) override;

  /// Nothing more is sent; the peer may still send.
  void shutdown_send() noexcept;
  void close() noexcept;

private:
  using socket = net::basic_stream_socket<net::ip::tcp, net::io_context::executor_type>;

  void await(socket::wait_type what, bool& waiting, void (tcp_link::*tell)());
  void on_readable();
  void on_writable();
  void settle();

  static ssize_t counted(ssize_t bytes, counter& into) noexcept;

  socket socket_;
  metrics_ptr metrics_;
  std::unique_ptr<tls_channel> tls_; ///< Null without TLS.
  socket_session* owner_ = nullptr;
  bool reading_ = false;
  bool writing_ = false;
  bool ending_ = false; ///< Sending ends once TLS has nothing left.
  bool operators_ = false;
};

using link_ptr = std::shared_ptr<tcp_link>;

} // namespace parley
