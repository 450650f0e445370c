// Every call is one message to the shard of participants.
#include "engine/participant.hpp"

#include <utility>

namespace parley {

void participant::say(command what, reference ref) const {
  tell_from_outside(shard_, participant_said{number_, {std::move(ref), std::move(what)}});
}

std::vector<told_event> participant::take(const delivery& what) const {
  auto all = read(what);
  took();
  return all;
}

std::vector<told_event> participant::read(const delivery& what) {
  std::vector<told_event> all;
  for (const auto& each : what.what)
    read_events(each->msgpack(), all);
  return all;
}

void participant::took() const { tell_from_outside(shard_, participant_took{number_}); }

void participant::leave() const { tell_from_outside(shard_, participant_left{number_}); }

} // namespace parley
