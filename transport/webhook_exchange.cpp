// Every step has the time that is left; the addresses of each attempt are judged before it
// connects to one of them.
#include "transport/webhook_exchange.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <limits>
#include <utility>

#include "actors/limits.hpp"
#include "transport/signed_request.hpp"
#include "transport/webhook_address.hpp"
#include "transport/webhook_message.hpp"

namespace parley {

namespace http = boost::beast::http;

webhook_exchange::webhook_exchange(boost::asio::io_context& io, boost::asio::ssl::context& tls,
                                   const webhook_manners& manners, webhook_delivery what,
                                   teller tell)
    : manners_(manners), what_(std::move(what)), tell_(std::move(tell)),
      line_(std::make_shared<http_line>(io, tls, what_.to->target, limits::webhook_answer_bytes)),
      deadline_(io) {}

void webhook_exchange::start() {
  request_ = signed_request(what_.to->target, manners_.agent, what_.id, manners_.wall_clock(),
                            what_.to->secrets, webhook_body(what_));
  request_->set(http::field::connection, "close");
  allow(limits::webhook_connect_patience, "the connection");
  const auto rule = [may_be_private = manners_.may_be_private](auto& found) -> outcome {
    if (!may_be_private)
      std::erase_if(found, [](const auto& each) { return !is_public(each.address()); });
    if (found.empty())
      return failure{
          error_code::forbidden, "the address is private, and --webhooks-private is not given", {}};
    return success();
  };
  line_->open(rule, then(&webhook_exchange::write));
}

void webhook_exchange::write() {
  allow(limits::webhook_answer_patience, "an answer");
  line_->write(request_, then(&webhook_exchange::read));
}

void webhook_exchange::read() {
  answer_ = std::make_shared<http::response_parser<http::empty_body>>();
  answer_->header_limit(limits::webhook_answer_bytes);
  // It is not read, however long it claims to be. (Beast 1.74 takes no limit for a limit of zero.)
  answer_->body_limit(std::numeric_limits<std::uint64_t>::max());
  line_->read_head(answer_, then(&webhook_exchange::judge));
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

http_line::told webhook_exchange::then(void (webhook_exchange::*next)()) {
  return [self = shared_from_this(), next](const outcome& how) {
    if (how)
      (self.get()->*next)();
    else
      self->fail(how.error().message);
  };
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
  line_->close();
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
