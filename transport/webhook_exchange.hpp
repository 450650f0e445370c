// One attempt at one delivery: a name looked up, a connection, a request, the head of an answer.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "actors/errors.hpp"
#include "actors/webhooks.hpp"

namespace parley {

/// What all attempts have in common.
struct webhook_manners {
  bool may_be_private = false; ///< Addresses that are not of the open net may be connected to.
  std::string agent;           ///< `User-Agent`.
  std::function<timestamp()> wall_clock;
};

/// Keeps itself until it has told what became of it, once. Used on its io_context's thread.
class webhook_exchange : public std::enable_shared_from_this<webhook_exchange> {
public:
  using teller = std::function<void(webhook_answer)>;

  webhook_exchange(boost::asio::io_context& io, boost::asio::ssl::context& tls,
                   const webhook_manners& manners, webhook_delivery what, teller tell);

  void start();

private:
  using tcp = boost::asio::ip::tcp;
  using error = boost::system::error_code;

  void resolve();
  void connect(std::vector<tcp::endpoint> found);
  void shake_hands();
  void write();
  void read();
  void judge();
  void allow(std::chrono::nanoseconds patience, const char* waiting_for);
  /// Whether to go on; else it was told why not.
  bool went_well(const error& code, const char* doing);
  void fail(std::string why);
  void finish(webhook_answer how);

  const webhook_manners& manners_;
  webhook_delivery what_;
  teller tell_; ///< Nothing once it has been told.
  tcp::resolver resolver_;
  boost::asio::ssl::stream<tcp::socket> stream_; ///< Plain HTTP uses what is below TLS.
  boost::asio::steady_timer deadline_;
  boost::beast::http::request<boost::beast::http::string_body> request_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::response_parser<boost::beast::http::empty_body>> answer_;
};

/// The seconds of a `Retry-After` (RFC 9110, section 10.2.3): a number, or a date that is compared
/// with now. Nothing when it is neither.
std::optional<std::chrono::seconds> retry_after_of(std::string_view field, timestamp now);

} // namespace parley
