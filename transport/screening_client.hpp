// Asks an application over HTTP about messages before they are sent: an actor on a thread of its
// own, and the connections it keeps.
#pragma once

#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include "actors/caf.hpp"
#include "actors/interfaces.hpp"
#include "transport/screening_lane.hpp"

namespace parley {

/// The actor behind `engine_handles::screener`. Every question is answered, but for those that wait
/// when it is stopped; whoever asked has patience of its own.
class screening_client {
public:
  /// `unavailable` when the system's roots of trust cannot be read. Neither the actor system nor
  /// what it told lives shorter than this.
  static result<std::unique_ptr<screening_client>> make(caf::actor_system& system,
                                                        screening_place place);
  ~screening_client();

  screener_actor handle() const { return guest_.as<screener_actor>(); }
  /// Breaks off what is under way.
  void stop();

private:
  screening_client(caf::actor_system& system, screening_place place);
  void ask(const screen& question);
  void drop_late();
  void proceed();

  screening_place place_;
  guest_actor guest_;
  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_client};
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy_;
  std::vector<std::shared_ptr<screening_lane>> lanes_;
  std::vector<screening_lane*> idle_; ///< The last one was used last: the others may end.
  struct waiting {
    screen question;
    screening_lane::clock::time_point until; ///< Then nobody waits for an answer any more.
  };
  std::deque<waiting> waiting_;
  std::thread thread_;
};

} // namespace parley
