// Taking part in conversations as an actor: what one asks, what one is told, and how one keeps up.
//
// A participant has the rights and the bounds of a client with a socket: it is told every event of
// its user's conversations in order, its commands are answered under the `ref` they carry, and when
// it does not keep up it is told of gaps, which it fills with `sync_events`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/commands.hpp"
#include "actors/interfaces.hpp"
#include "engine/events.hpp"

namespace parley {

// --- Messages to a participant -------------------------------------------------------------------

/// What there is to tell, in order; the next one comes once this one was taken.
struct delivery {
  std::uint64_t number = 0; ///< participant::number
  std::vector<chunk_ptr> what;
};
/// It is over: the session was ended, the participant was too slow, or the engine stops.
struct parted {
  std::uint64_t number = 0;
  close_code code = close_code::normal;
  std::string reason;
};

/// What an actor that takes part must handle.
using participant_actor = takes<delivery, parted>;

// --- Messages to the shard of participants; participant sends them -------------------------------

/// Somebody takes part from now on.
struct participant_joined {
  std::uint64_t number = 0;
  identity who;
  std::optional<std::string> since;
  participant_actor to;
};
/// A participant asks for something.
struct participant_said {
  std::uint64_t number = 0;
  envelope asked;
};
/// A participant has taken what it was told last.
struct participant_took {
  std::uint64_t number = 0;
};
/// A participant has had enough.
struct participant_left {
  std::uint64_t number = 0;
};
/// An actor has ended, and with it all parts that it has.
struct participant_ended {
  std::uint64_t actor = 0; ///< Its id, which no other actor gets.
};
/// Time to look what is due (the shard to itself).
struct participants_due {};

using participants_actor =
    takes_also<shard_actor, participant_joined, participant_said, participant_took,
               participant_left, participant_ended, participants_due>;

// -------------------------------------------------------------------------------------------------

/// Who takes part.
struct newcomer {
  user_id user;
  /// The same name the next time is the same device; empty: a new one each time.
  device_id device = {};
  /// A cursor of an earlier time, from `checkpoint`, `synced`, `welcome` or `reset`: what was
  /// missed since is told first.
  std::optional<std::string> since = {};
  /// May do what administrators may.
  bool is_admin = false;
};

/// What an actor holds of its part in the conversations. Copies are the same part; it goes on until
/// somebody calls `leave`, the actor ends or the engine does. Safe from any thread.
class participant {
public:
  /// No part at all: what it says is lost.
  participant() = default;
  /// engine::join makes them.
  participant(participants_actor shard, std::uint64_t number)
      : shard_(std::move(shard)), number_(number) {}

  /// Which part it is, where an actor has several: never used again by this engine.
  std::uint64_t number() const noexcept { return number_; }

  /// Asks for something. With a `ref` there is exactly one answer that carries it; without one only
  /// what goes wrong is told. Commands take effect in the order in which they are said. Of more
  /// than limits::participant_commands that wait, each further one is answered `rate_limited`.
  void say(command what, reference ref = {}) const;

  /// Reads a delivery and asks for the next one: call it for each, once.
  std::vector<told_event> take(const delivery& what) const;

  /// The same in two steps, for whoever wants no more before it has done with these.
  static std::vector<told_event> read(const delivery& what);
  /// The second step.
  void took() const;

  /// Takes part no more; `parted` is not told then.
  void leave() const;

private:
  participants_actor shard_;
  std::uint64_t number_ = 0;
};

} // namespace parley

PARLEY_MESSAGE(parley::delivery)
PARLEY_MESSAGE(parley::parted)
PARLEY_MESSAGE(parley::participant_joined)
PARLEY_MESSAGE(parley::participant_said)
PARLEY_MESSAGE(parley::participant_took)
PARLEY_MESSAGE(parley::participant_left)
PARLEY_MESSAGE(parley::participant_ended)
PARLEY_MESSAGE(parley::participants_due)
