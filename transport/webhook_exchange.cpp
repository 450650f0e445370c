// Every step has the time that is left; the addresses of each attempt are judged before it
// connects to one of them.
#include "transport/webhook_exchange.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <limits>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "actors/limits.hpp"
#include "transport/tls_peer.hpp"
#include "transport/webhook_address.hpp"
#include "transport/webhook_message.hpp"
#include "transport/webhook_url.hpp"

namespace parley {

namespace http = boost::beast::http;

webhook_exchange::webhook_exchange(boost::asio::io_context& io, boost::asio::ssl::context& tls,
                                   const webhook_manners& manners, webhook_delivery what,
                                   teller tell)
    : manners_(manners), what_(std::move(what)), tell_(std::move(tell)), resolver_(io),
      stream_(io, tls), deadline_(io), buffer_(limits::webhook_answer_bytes) {}

void webhook_exchange::start() {
  const auto& target = what_.to->target;
  const auto now = std::chrono::floor<std::chrono::seconds>(manners_.wall_clock());
  request_.method(http::verb::post);
  request_.target(target.path);
  request_.version(11);
  request_.set(http::field::host, host_field(target));
  request_.set(http::field::user_agent, manners_.agent);
  request_.set(http::field::content_type, "application/json");
  request_.set(http::field::connection, "close");
  request_.body() = webhook_body(what_);
  request_.set("webhook-id", what_.id);
  request_.set("webhook-timestamp", std::to_string(now.time_since_epoch().count()));
  request_.set("webhook-signature", webhook_signatures(what_.to->secrets, what_.id,
                                                       now.time_since_epoch(), request_.body()));
  request_.prepare_payload();
  allow(limits::webhook_connect_patience, "the connection");
  resolve();
}

void webhook_exchange::resolve() {
  const auto& target = what_.to->target;
  error code;
  const auto literal = boost::asio::ip::make_address(target.host, code);
  if (!code)
    return connect({tcp::endpoint{literal, target.port}});
  resolver_.async_resolve(
      target.host, std::to_string(target.port), tcp::resolver::numeric_service,
      [self = shared_from_this()](const error& failed, const tcp::resolver::results_type& found) {
        if (self->went_well(failed, "looking up the name"))
          self->connect({found.begin(), found.end()});
      });
}

void webhook_exchange::connect(std::vector<tcp::endpoint> found) {
  if (!manners_.may_be_private)
    std::erase_if(found, [](const auto& each) { return !is_public(each.address()); });
  if (found.empty())
    return fail("the address is private, and --webhooks-private is not given");
  // The list must outlive the connecting.
  auto kept = std::make_shared<std::vector<tcp::endpoint>>(std::move(found));
  boost::asio::async_connect(
      stream_.next_layer(), *kept,
      [self = shared_from_this(), kept](const error& failed, const tcp::endpoint&) {
        if (!self->went_well(failed, "connecting"))
          return;
        if (self->what_.to->target.secure)
          self->shake_hands();
        else
          self->write();
      });
}

void webhook_exchange::shake_hands() {
  if (auto expected = expect_name(stream_.native_handle(), what_.to->target.host); !expected)
    return fail(expected.error().message);
  stream_.set_verify_mode(boost::asio::ssl::verify_peer);
  stream_.async_handshake(boost::asio::ssl::stream_base::client,
                          [self = shared_from_this()](const error& failed) {
                            if (self->went_well(failed, "TLS"))
                              self->write();
                          });
}

void webhook_exchange::write() {
  allow(limits::webhook_answer_patience, "an answer");
  const auto then = [self = shared_from_this()](const error& failed, std::size_t) {
    if (self->went_well(failed, "sending"))
      self->read();
  };
  if (what_.to->target.secure)
    http::async_write(stream_, request_, then);
  else
    http::async_write(stream_.next_layer(), request_, then);
}

void webhook_exchange::read() {
  answer_.emplace();
  answer_->header_limit(limits::webhook_answer_bytes);
  // It is not read, however long it claims to be. (Beast 1.74 takes no limit for a limit of zero.)
  answer_->body_limit(std::numeric_limits<std::uint64_t>::max());
  const auto then = [self = shared_from_this()](const error& failed, std::size_t) {
    if (self->went_well(failed, "reading the answer"))
      self->judge();
  };
  if (what_.to->target.secure)
    http::async_read_header(stream_, buffer_, *answer_, then);
  else
    http::async_read_header(stream_.next_layer(), buffer_, *answer_, then);
}

void webhook_exchange::judge() {
  const auto status = answer_->get().result_int();
  if (status / 100 == 1) // another one follows (RFC 9110, section 15.2)
    return read();
  webhook_answer how;
  how.what = status / 100 == 2 ? webhook_result::accepted
             : status == 410   ? webhook_result::gone
                               : webhook_result::refused;
  how.reason = "status " + std::to_string(status);
  const auto field = answer_->get()[http::field::retry_after];
  if (how.what == webhook_result::refused && !field.empty())
    how.retry_after = retry_after_of({field.data(), field.size()}, manners_.wall_clock());
  finish(std::move(how));
}

void webhook_exchange::allow(std::chrono::nanoseconds patience, const char* waiting_for) {
  deadline_.expires_after(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(patience));
  deadline_.async_wait([self = shared_from_this(), waiting_for](const error& cancelled) {
    if (!cancelled)
      self->fail("no sign of " + std::string(waiting_for) + " in time");
  });
}

bool webhook_exchange::went_well(const error& code, const char* doing) {
  if (!tell_)
    return false;
  if (code)
    fail(std::string(doing) + ": " + code.message());
  return !code;
}

void webhook_exchange::fail(std::string why) {
  webhook_answer how;
  how.reason = std::move(why);
  finish(std::move(how));
}

/// Nothing that is still under way is waited for.
void webhook_exchange::finish(webhook_answer how) {
  const auto tell = std::exchange(tell_, nullptr);
  if (!tell)
    return;
  error ignored;
  deadline_.cancel(ignored);
  resolver_.cancel();
  stream_.next_layer().close(ignored);
  how.number = what_.number;
  tell(std::move(how));
}

std::optional<std::chrono::seconds> retry_after_of(std::string_view field, timestamp now) {
  std::int64_t seconds = 0;
  const auto [end, wrong] = std::from_chars(field.data(), field.data() + field.size(), seconds);
  if (wrong == std::errc{} && end == field.data() + field.size() && seconds >= 0)
    return std::chrono::seconds{std::min<std::int64_t>(seconds, 86'400)};
  std::tm date{};
  const std::string text{field};
  const char* rest = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (rest == nullptr || *rest != '\0')
    return std::nullopt;
  const timestamp until{std::chrono::seconds{::timegm(&date)}};
  return std::max(std::chrono::ceil<std::chrono::seconds>(until - now), std::chrono::seconds{0});
}

} // namespace parley
