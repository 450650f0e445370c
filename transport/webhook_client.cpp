// One loop, one thread; exchanges keep themselves.
#include "transport/webhook_client.hpp"

#include <utility>

#include <boost/asio/post.hpp>
#include <openssl/ssl.h>
#include <pthread.h>

namespace parley {

result<std::shared_ptr<webhook_client>> webhook_client::make(webhook_manners manners,
                                                             webhook_exchange::teller tell) {
  std::shared_ptr<webhook_client> made{new webhook_client(std::move(manners), std::move(tell))};
  boost::system::error_code code;
  made->tls_.set_default_verify_paths(code);
  if (code || SSL_CTX_set_min_proto_version(made->tls_.native_handle(), TLS1_2_VERSION) != 1)
    return failure{error_code::unavailable, "webhooks: TLS cannot be set up", {}};
  made->tls_.set_verify_mode(boost::asio::ssl::verify_peer);
  made->thread_ = std::thread{[client = made.get()] { client->io_.run(); }};
  ::pthread_setname_np(made->thread_.native_handle(), "parley.webhooks");
  return made;
}

webhook_client::webhook_client(webhook_manners manners, webhook_exchange::teller tell)
    : manners_(std::move(manners)), tell_(std::move(tell)),
      busy_(boost::asio::make_work_guard(io_)) {}

webhook_client::~webhook_client() { stop({}); }

void webhook_client::send(webhook_delivery what) {
  {
    const std::lock_guard guard{lock_};
    if (stopping_)
      return; // it is in the outbox
    ++under_way_;
  }
  boost::asio::post(io_, [this, what = std::move(what)]() mutable { start(std::move(what)); });
}

void webhook_client::start(webhook_delivery what) {
  std::make_shared<webhook_exchange>(io_, tls_, manners_, std::move(what),
                                     [this](webhook_answer how) {
                                       tell_(std::move(how));
                                       const std::lock_guard guard{lock_};
                                       --under_way_;
                                       changed_.notify_all();
                                     })
      ->start();
}

void webhook_client::stop(std::chrono::milliseconds farewell) {
  {
    std::unique_lock guard{lock_};
    stopping_ = true;
    changed_.wait_for(guard, farewell, [this] { return under_way_ == 0; });
  }
  io_.stop();
  if (thread_.joinable())
    thread_.join();
}

} // namespace parley
