// What is under way when the line is closed ends in silence.
#include "transport/http_line.hpp"

#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "transport/tls_peer.hpp"

namespace parley {

namespace http = boost::beast::http;

namespace {

outcome outcome_of(const char* doing, const boost::system::error_code& code) {
  if (!code)
    return success();
  return failure{error_code::unavailable, std::string(doing) + ": " + code.message(), {}};
}

} // namespace

http_line::http_line(boost::asio::io_context& io, boost::asio::ssl::context& tls, webhook_target to,
                     std::size_t most)
    : target_(std::move(to)), resolver_(io), stream_(io, tls), buffer_(most) {}

void http_line::open(address_rule rule, told then) {
  error code;
  const auto literal = boost::asio::ip::make_address(target_.host, code);
  if (!code)
    return connect({tcp::endpoint{literal, target_.port}}, rule, std::move(then));
  resolver_.async_resolve(
      target_.host, std::to_string(target_.port), tcp::resolver::numeric_service,
      [self = shared_from_this(), rule = std::move(rule),
       then = std::move(then)](const error& failed, const tcp::resolver::results_type& found) {
        if (self->is_closed_)
          return;
        if (failed)
          return then(outcome_of("looking up the name", failed));
        self->connect({found.begin(), found.end()}, rule, then);
      });
}

void http_line::connect(endpoints found, const address_rule& rule, told then) {
  if (rule)
    if (auto allowed = rule(found); !allowed)
      return then(allowed);
  // The list must outlive the connecting.
  auto kept = std::make_shared<endpoints>(std::move(found));
  boost::asio::async_connect(stream_.next_layer(), *kept,
                             [self = shared_from_this(), kept,
                              then = std::move(then)](const error& failed, const tcp::endpoint&) {
                               if (self->is_closed_)
                                 return;
                               error ignored;
                               self->stream_.next_layer().set_option(tcp::no_delay{true}, ignored);
                               if (failed || !self->target_.secure)
                                 return then(outcome_of("connecting", failed));
                               self->shake_hands(then);
                             });
}

void http_line::shake_hands(told then) {
  if (auto expected = expect_name(stream_.native_handle(), target_.host); !expected)
    return then(expected);
  stream_.set_verify_mode(boost::asio::ssl::verify_peer);
  stream_.async_handshake(boost::asio::ssl::stream_base::client,
                          [self = shared_from_this(), then = std::move(then)](const error& failed) {
                            if (!self->is_closed_)
                              then(outcome_of("TLS", failed));
                          });
}

void http_line::write(std::shared_ptr<const request> what, told then) {
  on_stream([&](auto& stream) {
    http::async_write(stream, *what,
                      [self = shared_from_this(), what, then](const error& failed, std::size_t) {
                        if (!self->is_closed_)
                          then(outcome_of("sending", failed));
                      });
  });
}

void http_line::read_head(std::shared_ptr<answer> into, told then) {
  on_stream([&](auto& stream) {
    http::async_read_header(
        stream, buffer_, *into,
        [self = shared_from_this(), into, then](const error& failed, std::size_t) {
          if (!self->is_closed_)
            then(outcome_of("reading the answer", failed));
        });
  });
}

void http_line::read(std::shared_ptr<answer> into, told then) {
  on_stream([&](auto& stream) {
    http::async_read(stream, buffer_, *into,
                     [self = shared_from_this(), into, then](const error& failed, std::size_t) {
                       if (!self->is_closed_)
                         then(outcome_of("reading the answer", failed));
                     });
  });
}

bool http_line::has_unread() const {
  error ignored;
  return buffer_.size() > 0 || stream_.next_layer().available(ignored) > 0;
}

void http_line::close() {
  is_closed_ = true;
  resolver_.cancel();
  error ignored;
  stream_.next_layer().close(ignored);
}

} // namespace parley
