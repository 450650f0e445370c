// Sends webhooks on a thread of its own.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include "actors/errors.hpp"
#include "actors/webhooks.hpp"
#include "transport/webhook_exchange.hpp"

namespace parley {

class webhook_client : public webhook_sender {
public:
  /// `tell` is called on the client's thread, once for each delivery, until it is stopped.
  /// `unavailable` when the system's roots of trust cannot be read.
  static result<std::shared_ptr<webhook_client>> make(webhook_manners manners,
                                                      webhook_exchange::teller tell);
  ~webhook_client() override;

  void send(webhook_delivery what) override;
  /// Takes nothing any more, and waits for so long for what is under way.
  void stop(std::chrono::milliseconds farewell);

private:
  webhook_client(webhook_manners manners, webhook_exchange::teller tell);
  void start(webhook_delivery what);

  webhook_manners manners_;
  webhook_exchange::teller tell_;
  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_client};
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0; ///< Guarded by `lock_`, as is what follows.
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace parley
