// The way back to a shard's thread for whoever may outlive the shard.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace parley {

/// Safe from any thread; once it is closed nobody gets in, and what was to be done is let go of.
class shard_door {
public:
  explicit shard_door(boost::asio::io_context& io) : io_(&io) {}

  void post(std::function<void()> what) {
    const std::lock_guard guard{lock_};
    if (io_ != nullptr)
      boost::asio::post(*io_, std::move(what));
  }
  void close() {
    const std::lock_guard guard{lock_};
    io_ = nullptr;
  }

private:
  std::mutex lock_;
  boost::asio::io_context* io_;
};

/// Wraps what a session does with an answer: it is done on the shard's thread, if the session is
/// still there. `whose` is let go of with the session.
template <class Session, class Do>
auto back_to(const std::shared_ptr<shard_door>& door, const std::shared_ptr<Session*>& whose,
             Do what) {
  return [door, still = std::weak_ptr<Session*>{whose}, what = std::move(what)](auto answer) {
    door->post([still, what, answer = std::move(answer)] {
      if (const auto there = still.lock())
        what(**there, answer);
    });
  };
}

} // namespace parley
