// Every line that depends on CAF's version (0.17.6): spelling of signatures, sends, spawns and message types.
#pragma once

#include <caf/actor_companion.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <utility>

namespace parley {

/// An actor's handle that takes each of `Messages` and answers none of them.
template <class... Messages>
using takes = caf::typed_actor<caf::reacts_to<Messages>...>;

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

/// A handle to the running actor itself.
template <class Handle, class Self>
Handle handle_of(Self* self) {
  return caf::actor_cast<Handle>(self);
}

} // namespace parley

/// Declares a struct as a message between actors of one process. Parley's messages never leave the
/// process: what crosses the network has a codec of its own, so CAF's serialisation is left out.
#define PARLEY_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
