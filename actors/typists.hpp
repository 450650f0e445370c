// Who is typing in a conversation, and since how many ticks: plain object, time is counted by the
// owner.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "actors/ids.hpp"

namespace parley {

/// Typing ends by a word, by a message, or after limits::typing_ticks without either. What others
/// are told is bounded: once when it begins, again now and then while it goes on, once when it
/// ends.
class typists {
public:
  /// The user says whether they type; true when the others are to be told.
  bool say(const user_id& user, bool active);
  /// A tick has passed; those who type no more.
  std::vector<user_id> tick();
  bool empty() const noexcept { return typing_.empty(); }

private:
  struct state {
    std::uint64_t said = 0; ///< The tick of the last word.
    std::uint64_t told = 0; ///< The tick when the others were told last.
  };
  std::uint64_t now_ = 0;
  std::map<user_id, state> typing_;
};

} // namespace parley
