// A question may be asked again without harm, so a connection that was closed while it was idle is
// made anew once.
#include "transport/screening_lane.hpp"

#include <utility>

#include <boost/asio/post.hpp>

#include "actors/limits.hpp"
#include "transport/screening_message.hpp"
#include "transport/signed_request.hpp"
#include "transport/webhook_message.hpp"

namespace parley {

namespace http = boost::beast::http;

void screening_lane::ask(const screened_message& what, clock::time_point until, teller tell) {
  const timestamp now = place_.wall_clock();
  const std::string id = place_.random_id();
  asked_ = std::make_shared<question>();
  asked_->tell = std::move(tell);
  asked_->request =
      signed_request(place_.target, place_.agent, id, now, place_.secrets,
                     webhook_body({0, {}, id, "message.screening", now, encode_screened(what)}));
  deadline_.expires_at(until);
  deadline_.async_wait([self = shared_from_this(), asked = asked_](const error& cancelled) {
    if (cancelled || asked != self->asked_)
      return;
    self->hang_up();
    self->finish(failure{error_code::unavailable, "no answer in time", {}});
  });
  if (line_ && line_->has_unread())
    hang_up(); // it said something unasked: that it ends, most likely
  is_reused_ = line_ != nullptr;
  if (is_reused_)
    write();
  else
    connect();
}

void screening_lane::connect() {
  is_reused_ = false;
  line_ = std::make_shared<http_line>(
      io_, tls_, place_.target, limits::webhook_answer_bytes + limits::screening_answer_bytes);
  line_->open({}, then(&screening_lane::write));
}

void screening_lane::write() { line_->write(asked_->request, then(&screening_lane::read)); }

void screening_lane::read() {
  answer_ = std::make_shared<http::response_parser<http::string_body>>();
  answer_->header_limit(limits::webhook_answer_bytes);
  answer_->body_limit(limits::screening_answer_bytes);
  line_->read(answer_, then(&screening_lane::judge));
}

void screening_lane::judge() {
  const auto& answer = answer_->get();
  if (answer.result_int() / 100 == 1) // another one follows (RFC 9110, section 15.2)
    return read();
  auto verdict = parse_screening(answer.result_int(), answer.body());
  if (!answer.keep_alive() || line_->has_unread())
    hang_up();
  finish(std::move(verdict));
}

http_line::told screening_lane::then(void (screening_lane::*next)()) {
  return [self = shared_from_this(), next](const outcome& how) {
    if (how)
      (self.get()->*next)();
    else
      self->fail(how.error());
  };
}

void screening_lane::fail(const failure& why) {
  hang_up();
  if (is_reused_)
    connect();
  else
    finish(why);
}

void screening_lane::hang_up() {
  if (line_)
    line_->close();
  line_.reset();
}

void screening_lane::finish(result<screening_verdict> verdict) {
  error ignored;
  deadline_.cancel(ignored);
  boost::asio::post(io_,
                    [self = shared_from_this(), asked = std::exchange(asked_, nullptr),
                     verdict = std::move(verdict)]() mutable { asked->tell(std::move(verdict)); });
}

} // namespace parley
