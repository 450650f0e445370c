// One attempt at one delivery: a name looked up, a connection, a request, the head of an answer.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "actors/webhooks.hpp"
#include "transport/http_line.hpp"

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
  using error = boost::system::error_code;

  void write();
  void read();
  void judge();
  void allow(std::chrono::nanoseconds patience, const char* waiting_for);
  /// What follows a step that went well.
  http_line::told then(void (webhook_exchange::*next)());
  void fail(std::string why);
  void finish(webhook_answer how);

  const webhook_manners& manners_;
  webhook_delivery what_;
  teller tell_; ///< Nothing once it has been told.
  std::shared_ptr<http_line> line_;
  boost::asio::steady_timer deadline_;
  std::shared_ptr<http_line::request> request_;
  std::shared_ptr<boost::beast::http::response_parser<boost::beast::http::empty_body>> answer_;
};

/// The seconds of a `Retry-After` (RFC 9110, section 10.2.3): a number, or a date that is compared
/// with now. Nothing when it is neither.
std::optional<std::chrono::seconds> retry_after_of(std::string_view field, timestamp now);

} // namespace parley
