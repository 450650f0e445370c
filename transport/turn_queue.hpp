// What a protocol stack posts to itself within one turn of the loop, run in that same turn.
#pragma once

#include <deque>
#include <memory>
#include <utility>

#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>

namespace parley {

namespace net = boost::asio;

/// A queue of functions that belongs to one thread. Whoever drives a session's stream runs it dry
/// before turning to the next session, so what waits here is always one session's.
class turn_queue {
public:
  explicit turn_queue(net::io_context& io) : io_(io) {}

  template <class F>
  void push(F&& f) {
    waiting_.push_back(std::make_unique<task_of<std::decay_t<F>>>(std::forward<F>(f)));
  }

  /// Runs the oldest; false when there is none.
  bool run_one() {
    if (waiting_.empty())
      return false;
    const std::unique_ptr<task> first = std::move(waiting_.front());
    waiting_.pop_front();
    first->run();
    return true;
  }

  net::execution_context& context() const noexcept { return io_; }

private:
  struct task {
    virtual ~task() = default;
    virtual void run() = 0;
  };
  template <class F>
  struct task_of final : task {
    explicit task_of(F f) : function(std::move(f)) {}
    void run() override { std::move(function)(); }
    F function;
  };

  net::io_context& io_;
  std::deque<std::unique_ptr<task>> waiting_;
};

/// Posts into a turn queue. It keeps no work alive: the sockets below do that.
class turn_executor {
public:
  explicit turn_executor(turn_queue& queue) noexcept : queue_(&queue) {}

  net::execution_context& query(net::execution::context_t) const noexcept {
    return queue_->context();
  }
  static constexpr net::execution::blocking_t query(net::execution::blocking_t) noexcept {
    return net::execution::blocking.never;
  }
  turn_executor require(net::execution::blocking_t::never_t) const noexcept { return *this; }
  /// Without this Beast 1.74 would keep a reference to an executor where it means to keep a copy.
  turn_executor require(net::execution::outstanding_work_t::tracked_t) const noexcept {
    return *this;
  }

  template <class F>
  void execute(F&& f) const {
    queue_->push(std::forward<F>(f));
  }

  friend bool operator==(const turn_executor&, const turn_executor&) noexcept = default;

private:
  turn_queue* queue_;
};

} // namespace parley
