// One loop, one thread; each connection has one question at a time.
#include "transport/screening_client.hpp"

#include <utility>

#include <boost/asio/post.hpp>
#include <openssl/ssl.h>
#include <pthread.h>

#include "actors/limits.hpp"

namespace parley {

result<std::unique_ptr<screening_client>> screening_client::make(caf::actor_system& system,
                                                                 screening_place place) {
  std::unique_ptr<screening_client> made{new screening_client(system, std::move(place))};
  boost::system::error_code code;
  made->tls_.set_default_verify_paths(code);
  if (code || SSL_CTX_set_min_proto_version(made->tls_.native_handle(), TLS1_2_VERSION) != 1)
    return failure{error_code::unavailable, "screening: TLS cannot be set up", {}};
  made->tls_.set_verify_mode(boost::asio::ssl::verify_peer);
  made->thread_ = std::thread{[client = made.get()] { client->io_.run(); }};
  ::pthread_setname_np(made->thread_.native_handle(), "parley.screens");
  return made;
}

screening_client::screening_client(caf::actor_system& system, screening_place place)
    : place_(std::move(place)), guest_(system), busy_(boost::asio::make_work_guard(io_)) {
  guest_.behave([this](const screen& question) { ask(question); });
  guest_.on_mail([this](guest_actor::mail what) {
    boost::asio::post(io_, [this, kept = std::make_shared<guest_actor::mail>(std::move(what))] {
      guest_.handle(*kept);
    });
  });
}

screening_client::~screening_client() { stop(); }

void screening_client::stop() {
  if (!thread_.joinable())
    return;
  guest_.end();
  io_.stop();
  thread_.join();
}

void screening_client::ask(const screen& question) {
  if (waiting_.size() >= limits::screenings_waiting)
    return tell_from_outside(
        question.to,
        screened{question.number, failure{error_code::overloaded, "too many questions wait", {}}});
  waiting_.push_back({question, screening_lane::clock::now() + place_.patience});
  proceed();
}

/// Whoever asked the oldest has given up by then.
void screening_client::drop_late() {
  const auto now = screening_lane::clock::now();
  while (!waiting_.empty() && waiting_.front().until <= now)
    waiting_.pop_front();
}

void screening_client::proceed() {
  for (drop_late(); !waiting_.empty(); drop_late()) {
    if (idle_.empty() && lanes_.size() < limits::screening_connections) {
      lanes_.push_back(std::make_shared<screening_lane>(io_, tls_, place_));
      idle_.push_back(lanes_.back().get());
    }
    if (idle_.empty())
      return;
    screening_lane* lane = idle_.back();
    idle_.pop_back();
    const auto [question, until] = std::move(waiting_.front());
    waiting_.pop_front();
    lane->ask(*question.what, until,
              [this, lane, to = question.to,
               number = question.number](result<screening_verdict> verdict) {
                tell_from_outside(to, screened{number, std::move(verdict)});
                idle_.push_back(lane);
                proceed();
              });
  }
}

} // namespace parley
