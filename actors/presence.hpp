// The presence actor: keeps a user's sessions and tells those who watch.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/context.hpp"
#include "actors/presence_state.hpp"
#include "actors/watchers.hpp"

namespace parley {

/// One per user who has a session or is watched; spawned by the presences when somebody asks.
class presence : public presence_actor::base {
public:
  presence(caf::actor_config& config, context_ptr context, user_id user);

  behavior_type make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "presence"; }

private:
  void on_arrived(const arrived& message);
  void on_asked(const presence_asked& message);
  void on_watch_changed(const watch_changed& message);
  void on_session_checked(const session_checked& message);
  void on_shared_found(const shared_found& message);
  void on_seen_found(const seen_found& message);
  void on_tick();
  void on_due(const presence_due& message);

  void serve(const asker& who, const set_presence& what);
  void serve(const asker& who, const list_sessions& what);
  void serve(const asker& who, const end_session& what);
  template <class Command>
  void serve(const asker&, const Command&) {} // the presences split these

  /// What every change leads to: records, ticks, deadlines, leaving.
  void changed();
  void write_down();
  void await_tick();
  void await_due();
  void offer_to_go();
  /// Tells what is to be told, as far as it is known, and asks for what is not.
  void deliver(watchers::whom which);
  void tell_sessions(const std::vector<session_address>& whom, const std::string& envelope,
                     bool is_profile = false);
  void on_person_changed(const person_changed& message);
  void tell_profile();
  void ask_who_shares(watchers::whom which);
  void ask_last_seen();
  void reply(const asker& who, std::string envelope);
  bool is_watched() const noexcept { return audience_ && !audience_->who.empty(); }
  moment now() const { return {context_->steady_clock(), context_->wall_clock()}; }

  context_ptr context_;
  user_id user_;
  presence_state state_;
  /// What it takes once somebody watches.
  struct audience {
    watchers who;
    watchers::question asked; ///< What is being read.
    std::string profile;      ///< The event of those who watch, until all were told.
  };
  std::unique_ptr<audience> audience_; ///< Null as long as nobody ever watched.
  bool asking_shared_ = false;
  bool ask_again_ = false; ///< Others became unknown while it was being read.
  bool asking_seen_ = false;
  bool at_hand_ = false;
  bool ticking_ = false;       ///< A `presence_tick` is on its way.
  std::optional<instant> due_; ///< The earliest `presence_due` on its way.
  std::uint64_t shown_ = 0;    ///< Digest of how the user was shown after the last change.
  shown_status shown_as_ = shown_status::offline; ///< Likewise.
  std::uint64_t handled_ = 0;                     ///< Messages of the presences.
  std::optional<std::uint64_t> offered_;          ///< As `handled_` was when it offered to go.
};

} // namespace parley
