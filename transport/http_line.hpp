// A connection that we make, to be told something over HTTP: plain, or within TLS.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "actors/errors.hpp"
#include "actors/webhooks.hpp"

namespace parley {

/// One step after the other; each keeps this until it has ended. `told` is called once at the end
/// of a step, with `unavailable` when it failed, and never once this is closed. Used on its
/// io_context's thread.
class http_line : public std::enable_shared_from_this<http_line> {
public:
  using tcp = boost::asio::ip::tcp;
  using endpoints = std::vector<tcp::endpoint>;
  using told = std::function<void(const outcome&)>;
  /// Takes those away that must not be connected to; its refusal is told.
  using address_rule = std::function<outcome(endpoints&)>;
  using request = boost::beast::http::request<boost::beast::http::string_body>;
  using answer = boost::beast::http::basic_parser<false>;

  /// `most` bytes are received ahead of what is read.
  http_line(boost::asio::io_context& io, boost::asio::ssl::context& tls, webhook_target to,
            std::size_t most);

  /// Looks up the name, connects to one of its addresses, and has it prove that name in TLS.
  void open(address_rule rule, told then);
  void write(std::shared_ptr<const request> what, told then);
  void read_head(std::shared_ptr<answer> into, told then);
  void read(std::shared_ptr<answer> into, told then);
  /// It has said more than was read.
  bool has_unread() const;
  void close();

private:
  using error = boost::system::error_code;

  void connect(endpoints found, const address_rule& rule, told then);
  void shake_hands(told then);
  /// Calls `go(what the stream is)`.
  template <class Go>
  void on_stream(Go&& go) {
    if (target_.secure)
      go(stream_);
    else
      go(stream_.next_layer());
  }

  webhook_target target_;
  tcp::resolver resolver_;
  boost::asio::ssl::stream<tcp::socket> stream_; ///< Plain HTTP uses what is below TLS.
  boost::beast::flat_buffer buffer_;
  bool is_closed_ = false;
};

} // namespace parley
