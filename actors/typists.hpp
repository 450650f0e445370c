// Who is typing in a conversation, and since how many ticks: plain object, time is counted by the
// owner.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "actors/ids.hpp"

namespace parley {

/// What others are to be told, in this order.
struct typing_news {
  std::vector<user_id> ended;       ///< Of those who were named.
  std::optional<std::size_t> count; ///< So many type; 0: from now on those who do are named.
  std::vector<user_id> began;       ///< Or go on.
  bool empty() const noexcept { return ended.empty() && !count && began.empty(); }
};

/// When words about typing are told: as they come, or, in a crowd, with the next tick.
enum class typing_pace : std::uint8_t { at_once, by_tick };

/// Typing ends by a word, by a message, or after limits::typing_ticks without either. Up to
/// limits::typists_named are named; of more there is a count, at most one a tick. What others are
/// told of one who is named is bounded: once when it begins, again now and then while it goes on,
/// once when it ends.
class typists {
public:
  /// The user says whether they type.
  typing_news say(const user_id& user, bool active, typing_pace pace = typing_pace::at_once);
  /// A tick has passed.
  typing_news tick(typing_pace pace = typing_pace::at_once);
  /// The user types no more, which others are not told of.
  void forget(const user_id& user);
  /// Who is named now.
  std::vector<user_id> named() const;
  /// Whether there is nothing to tell any more.
  bool empty() const noexcept { return typing_.empty() && owed_.empty() && !counting_; }

private:
  struct state {
    std::uint64_t said = 0; ///< The tick of the last word.
    std::uint64_t told = 0; ///< The tick when the others were told last.
    bool is_named = false;
  };

  bool begin(state& of) const;
  void end_silent(typing_news& news);
  void count(typing_news& news);
  void name_all(typing_news& news, typing_pace pace);

  std::uint64_t now_ = 0;
  std::map<user_id, state> typing_;
  std::vector<user_id> owed_; ///< Named ones who have stopped, of whom the next tick tells.
  bool counting_ = false;
  std::size_t counted_ = 0;      ///< What was told last.
  std::uint64_t counted_at_ = 0; ///< And when.
};

} // namespace parley
