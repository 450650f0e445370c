// The eraser actor: takes users who are to be erased out of everything, one after another.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/context.hpp"
#include "actors/erasure_messages.hpp"

namespace parley {

/// Knows nothing that the store does not know: after a crash it goes on with what is still to be
/// done. First the conversations let the user go, and their messages, then the store forgets the
/// name, then that is written down.
class eraser : public eraser_actor::base {
public:
  eraser(caf::actor_config& config, context_ptr context);

  behavior_type make_behavior() override;
  const char* name() const override { return "eraser"; }

private:
  void on_due(const erasure_due& message);
  void look();
  void on_found(const erasures_found& message);
  void on_work(const erasure_work_found& message);
  void on_settled(const erasure_settled& message);
  /// The first that waits for no hold; nothing when all do.
  std::optional<user_erasure> next_of(const std::vector<user_erasure>& all);
  /// Goes on with the erasure at hand.
  void go_on();
  void look_for_work();
  void do_in(const erasure_work& what);
  void wait_for_holds(std::uint64_t held);
  void write_down(erasure_phase next);
  void free_name();
  void look_in(std::chrono::nanoseconds delay);

  context_ptr context_;
  std::optional<user_erasure> at_hand_;
  std::set<std::string> waiting_;             ///< Receipts of those that wait for holds.
  std::map<std::string, std::uint64_t> held_; ///< By how many holds, as was logged last.
  std::uint64_t awaited_ = 0;                 ///< The look to come; no earlier one counts any more.
  erasure_place place_;      ///< Everything before is done, as far as it was looked at.
  erasure_work asked_;       ///< What a conversation was asked to do last.
  std::size_t looks_ = 0;    ///< How often that was not done yet.
  bool found_any_ = false;   ///< Something was to be done since it looked from the first place on.
  std::uint64_t passed_ = 0; ///< Conversations whose holds were in the way since then.
  bool is_busy_ = false;     ///< An answer is waited for.
  bool again_ = false;       ///< Somebody has begun another one meanwhile.
  std::optional<std::string> ended_; ///< Whose sessions were ended: the receipt's id.
  bool is_last_ = false;             ///< The step that is being written down.
};

} // namespace parley
