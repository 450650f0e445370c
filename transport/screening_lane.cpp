// A question may be asked again without harm, so a connection that was closed while it was idle is
// made anew once.
#include "transport/screening_lane.hpp"

#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "actors/limits.hpp"
#include "transport/screening_message.hpp"
#include "transport/tls_peer.hpp"
#include "transport/webhook_message.hpp"
#include "transport/webhook_url.hpp"

namespace parley {

namespace http = boost::beast::http;

void screening_lane::ask(const screened_message& what, clock::time_point until, teller tell) {
  const timestamp now = place_.wall_clock();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
  const std::string id = place_.random_id();
  asked_ = std::make_shared<question>();
  asked_->tell = std::move(tell);
  auto& request = asked_->request;
  request.method(http::verb::post);
  request.target(place_.target.path);
  request.version(11);
  request.set(http::field::host, host_field(place_.target));
  request.set(http::field::user_agent, place_.agent);
  request.set(http::field::content_type, "application/json");
  request.body() = webhook_body({0, {}, id, "message.screening", now, encode_screened(what)});
  request.set("webhook-id", id);
  request.set("webhook-timestamp", std::to_string(seconds.count()));
  if (!place_.secrets.empty())
    request.set("webhook-signature",
                webhook_signatures(place_.secrets, id, seconds, request.body()));
  request.prepare_payload();
  deadline_.expires_at(until);
  deadline_.async_wait([self = shared_from_this(), asked = asked_](const error& cancelled) {
    if (cancelled || asked != self->asked_)
      return;
    self->hang_up();
    self->finish(failure{error_code::unavailable, "no answer in time", {}});
  });
  error code;
  if (line_ && line_->stream.next_layer().available(code) > 0)
    hang_up(); // it said something unasked: that it ends, most likely
  is_reused_ = line_ != nullptr;
  if (is_reused_)
    write(line_);
  else
    connect();
}

void screening_lane::connect() {
  is_reused_ = false;
  line_ = std::make_shared<line>(io_, tls_);
  error code;
  const auto literal = boost::asio::ip::make_address(place_.target.host, code);
  if (!code)
    return connect_to(line_, {tcp::endpoint{literal, place_.target.port}});
  resolver_.async_resolve(place_.target.host, std::to_string(place_.target.port),
                          tcp::resolver::numeric_service,
                          [self = shared_from_this(), on = line_](
                              const error& failed, const tcp::resolver::results_type& found) {
                            if (self->went_well(failed, on, "looking up the name"))
                              self->connect_to(on, {found.begin(), found.end()});
                          });
}

void screening_lane::connect_to(const line_ptr& on, std::vector<tcp::endpoint> found) {
  // The list must outlive the connecting.
  auto kept = std::make_shared<std::vector<tcp::endpoint>>(std::move(found));
  boost::asio::async_connect(
      on->stream.next_layer(), *kept,
      [self = shared_from_this(), kept, on](const error& failed, const tcp::endpoint&) {
        if (!self->went_well(failed, on, "connecting"))
          return;
        error ignored;
        on->stream.next_layer().set_option(tcp::no_delay{true}, ignored);
        if (self->place_.target.secure)
          self->shake_hands(on);
        else
          self->write(on);
      });
}

void screening_lane::shake_hands(const line_ptr& on) {
  if (auto expected = expect_name(on->stream.native_handle(), place_.target.host); !expected) {
    hang_up();
    return finish(expected.error());
  }
  on->stream.async_handshake(boost::asio::ssl::stream_base::client,
                             [self = shared_from_this(), on](const error& failed) {
                               if (self->went_well(failed, on, "TLS"))
                                 self->write(on);
                             });
}

void screening_lane::write(const line_ptr& on) {
  const auto then = [self = shared_from_this(), on, asked = asked_](const error& failed,
                                                                    std::size_t) {
    if (self->went_well(failed, on, "asking"))
      self->read(on);
  };
  if (place_.target.secure)
    http::async_write(on->stream, asked_->request, then);
  else
    http::async_write(on->stream.next_layer(), asked_->request, then);
}

void screening_lane::read(const line_ptr& on) {
  on->answer.emplace();
  on->answer->header_limit(limits::webhook_answer_bytes);
  on->answer->body_limit(limits::screening_answer_bytes);
  const auto then = [self = shared_from_this(), on](const error& failed, std::size_t) {
    if (self->went_well(failed, on, "reading the answer"))
      self->judge(on);
  };
  if (place_.target.secure)
    http::async_read(on->stream, on->buffer, *on->answer, then);
  else
    http::async_read(on->stream.next_layer(), on->buffer, *on->answer, then);
}

void screening_lane::judge(const line_ptr& on) {
  const auto& answer = on->answer->get();
  if (answer.result_int() / 100 == 1) // another one follows (RFC 9110, section 15.2)
    return read(on);
  auto verdict = parse_screening(answer.result_int(), answer.body());
  if (!answer.keep_alive() || on->buffer.size() > 0)
    hang_up();
  finish(std::move(verdict));
}

bool screening_lane::went_well(const error& code, const line_ptr& on, const char* doing) {
  if (on != line_)
    return false; // it was given up
  if (!code)
    return true;
  hang_up();
  if (is_reused_)
    connect();
  else
    finish(failure{error_code::unavailable, std::string(doing) + ": " + code.message(), {}});
  return false;
}

void screening_lane::hang_up() {
  resolver_.cancel();
  error ignored;
  if (line_)
    line_->stream.next_layer().close(ignored);
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
