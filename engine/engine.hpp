// An engine inside a program: give it an actor system, a directory and a place for log lines, and
// actors of that system take part in conversations.
#pragma once

#include <memory>

#include "engine/options.hpp"
#include "engine/participant.hpp"

namespace parley {

struct engine_parts;

/// One per data directory; several may share an actor system. Reads nothing of the process: no
/// variables, no signals, no global logger. Its own threads are those of the store.
class engine {
public:
  /// Opens the store and starts the engine's actors, among whatever others there are.
  /// `unavailable`: another engine has the directory, or there is no space. `internal`: the store
  /// is damaged or newer than this library; the message says what is wrong.
  static result<std::unique_ptr<engine>> start(caf::actor_system& actors, engine_options options);
  /// Ends what takes part, waits for all of its actors, and closes the store. Not called by an
  /// actor.
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// Brings an actor in: from now on it is sent what it asked for and what happens. `bad_request`:
  /// an id has not 1 to 128 bytes of UTF-8. Whoever has too many devices is told so in the answer.
  result<participant> join(newcomer who, participant_actor to);

  /// What everything in the engine consists of; for the edge that is put in front of it.
  engine_parts& parts() noexcept { return *parts_; }
  /// Takes over parts that were started already.
  explicit engine(std::unique_ptr<engine_parts> parts);

private:
  std::unique_ptr<engine_parts> parts_;
};

} // namespace parley
