// Every line that depends on CAF's version (0.17.6): spelling of signatures, sends, spawns and
// message types.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include <caf/actor_companion.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/thread_hook.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <pthread.h>
#include <sched.h>

namespace parley {

/// An actor's handle that takes each of `Messages` and answers none of them.
template <class... Messages>
using takes = caf::typed_actor<caf::reacts_to<Messages>...>;

/// The same handle, taking these messages, too.
template <class Base, class... Messages>
using takes_also = typename Base::template extend<caf::reacts_to<Messages>...>;

/// That a question is answered, for handles whose messages leave the process.
template <class Question, class Answer>
using asks = typename caf::replies_to<Question>::template with<Answer>;
/// An answer that is given later.
template <class Answer>
using promised_answer = caf::typed_response_promise<Answer>;

/// The class to inherit from for an actor behind the handle `Handle`.
template <class Handle>
using actor_base = typename Handle::base;

/// Sends from inside an actor: the internal path, without a lock.
template <class Self, class Handle, class Message>
void tell(Self* self, const Handle& to, Message&& message) {
  self->send(to, std::forward<Message>(message));
}

/// Sends after a delay of the actor system's clock.
template <class Self, class Handle, class Message>
void tell_later(Self* self, const Handle& to, std::chrono::nanoseconds delay, Message&& message) {
  self->delayed_send(to, delay, std::forward<Message>(message));
}

/// Sends from a thread that is no actor: takes the external, locking path.
template <class Handle, class Message>
void tell_from_outside(const Handle& to, Message&& message) {
  caf::anon_send(to, std::forward<Message>(message));
}

/// Spawns an actor of class `Actor`, from an actor system or from inside an actor.
template <class Actor, class Handle, class... Args>
Handle spawn_actor(caf::actor_system& system, Args&&... args) {
  return caf::actor_cast<Handle>(system.spawn<Actor>(std::forward<Args>(args)...));
}
template <class Actor, class Handle, class Self, class... Args>
Handle spawn_actor(Self* self, Args&&... args) {
  return caf::actor_cast<Handle>(self->template spawn<Actor>(std::forward<Args>(args)...));
}

/// Asks an actor to end once it has handled what it was sent before.
template <class Handle>
void end_actor(const Handle& which) {
  if (which)
    caf::anon_send_exit(which, caf::exit_reason::user_shutdown);
}

/// Has the actor system's threads wait for their turn when they wake (sched(7), SCHED_BATCH): who
/// woke them, a shard with more to read, goes on first, and they find more to do at once. When the
/// system refuses nothing is lost.
class unhurried_threads : public caf::thread_hook {
public:
  void init(caf::actor_system&) override {}
  void thread_started() override {
    const sched_param any{};
    ::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &any);
  }
  void thread_terminates() override {}
};

/// The configuration of an actor system that serves the engine. Work is shared through one queue:
/// thieves would poll away a third of a small machine. Throughput is finite, so that a busy actor
/// lets others have their turn.
class engine_config : public caf::actor_system_config {
public:
  explicit engine_config(std::size_t workers) {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", workers);
    set("scheduler.max-throughput", std::size_t{64});
    add_thread_hook<unhurried_threads>();
  }
};

/// Ends an actor as an exception that left one of its handlers would; for tests.
template <class Handle>
void fail_actor(const Handle& which) {
  caf::anon_send_exit(which, caf::exit_reason::unhandled_exception);
}

/// Whether an actor that ended so did by a fault: an exception that left a handler, or an error
/// nobody handled. An end that was asked for is none.
inline bool is_fault(const caf::error& why) {
  return why && why != caf::exit_reason::user_shutdown;
}

/// Calls `tell` with the reason once the actor has ended, on whatever thread it ends on.
template <class Handle, class Tell>
void on_end(const Handle& which, Tell tell) {
  caf::actor_cast<caf::abstract_actor*>(which)->attach_functor(std::move(tell));
}

/// Sends `message` to `to` once `which` has ended, unless `to` has gone by then.
template <class Handle, class Watched, class Message>
void tell_at_end_of(const Watched& which, const Handle& to, Message message) {
  on_end(which, [whom = to.address(), message = std::move(message)](const caf::error&) {
    if (const auto there = caf::actor_cast<caf::strong_actor_ptr>(whom))
      caf::anon_send(caf::actor_cast<Handle>(there), message);
  });
}

/// An actor that lives on another event loop's thread: what is sent to it is handed to that loop,
/// which gives it back to be handled.
class guest_actor {
public:
  using mail = caf::mailbox_element_ptr;

  explicit guest_actor(caf::actor_system& system)
      : system_(system), self_(caf::actor_cast<caf::strong_actor_ptr>(
                             system.spawn<caf::actor_companion, caf::hidden>())) {}

  /// What is done for each message; before anything is sent.
  template <class... Handlers>
  void behave(Handlers... handlers) {
    get()->become(caf::behavior{std::move(handlers)...});
  }
  /// Called on any thread, with everything that is sent from now on.
  void on_mail(std::function<void(mail)> take) { get()->on_enqueue(std::move(take)); }
  /// Handles one message on the loop's thread.
  void handle(mail& what) { get()->activate(system_.dummy_execution_unit(), *what); }
  /// Ends the actor; what is sent to it afterwards is dropped.
  void end() {
    get()->on_enqueue(nullptr);
    get()->cleanup(caf::error{}, system_.dummy_execution_unit());
  }

  template <class Handle>
  Handle as() const {
    return caf::actor_cast<Handle>(self_);
  }

private:
  caf::actor_companion* get() const {
    return static_cast<caf::actor_companion*>(caf::actor_cast<caf::abstract_actor*>(self_));
  }

  caf::actor_system& system_;
  caf::strong_actor_ptr self_;
};

/// A handle to the running actor itself.
template <class Handle, class Self>
Handle handle_of(Self* self) {
  return caf::actor_cast<Handle>(self);
}

} // namespace parley

/// Declares a struct as a message between actors of one process. Parley's messages never leave the
/// process: what crosses the network has a codec of its own, so CAF's serialisation is left out.
#define PARLEY_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
