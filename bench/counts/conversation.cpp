// From a `send` to its record: retry, right, number, event; and the commit that follows.
#include "actors/conversation_state.hpp"
#include "actors/limits.hpp"
#include "bench/counts/sample.hpp"
#include "bench/counts/stages.hpp"

namespace parley::counts {

namespace {

/// A conversation of many members that was there before, so that keys have to be looked up.
class scene {
public:
  scene() {
    conversation_snapshot known;
    known.exists = true;
    known.head = sequence{1};
    known.head_position = position{1};
    for (std::size_t i = 0; i < members; ++i)
      known.members.push_back({member(i), i == 0 ? role::owner : role::member, sequence{1}, noon});
    state_.load(known);
  }

  /// What a conversation actor does with one message, up to the point where its commit is known.
  void send() {
    const asker who{member(number_ % members), {0, 1}, std::int64_t{1000}};
    const conversation_command what = message(number_);
    ++number_;
    require(!state_.is_new_message(who, what), "a key was known without a look-up");
    verdict decided = state_.decide(who, what, noon);
    require(std::holds_alternative<look_up>(decided), "a key was known without a look-up");
    state_.begin_look_up();
    const auto key = state_.key_to_look_up(who, what);
    state_.learn(key.value(), std::nullopt);
    require(state_.is_new_message(who, what), "a new message was taken for an old one");
    decided = state_.decide(who, what, noon);
    commit(std::get<propose>(decided));
  }

private:
  void commit(const propose& what) {
    at_ = at_.next();
    state_.appended(what.number, at_);
    state_.trim(at_);
  }

  conversation_state state_{room};
  position at_{1};
  std::uint64_t number_ = 0;
};

} // namespace

std::uint64_t conversation(std::uint64_t rounds) {
  scene it;
  for (std::size_t i = 0; i < limits::keys_in_memory + members; ++i)
    it.send(); // from here on it forgets as much as it learns
  for (std::uint64_t i = 0; i < rounds; ++i)
    it.send();
  return rounds;
}

} // namespace parley::counts
