// The connection actor: who is at the other end, and where each of its commands goes.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "actors/context.hpp"
#include "actors/held_commands.hpp"
#include "actors/rate_limit.hpp"

namespace parley {

/// Somebody whom the program itself brings in: nobody asks for a token.
struct vouched_identity {
  identity who;
};

/// One per socket, from the upgrade until the socket is gone. Gets the commands of its session one
/// after another, already decoded and in order.
class connection : public connection_actor::base {
public:
  /// `bearer` is the token of the upgrade's Authorization header, if it had one.
  connection(caf::actor_config& config, context_ptr context, session_address session,
             std::optional<std::string> bearer);
  /// Of a participant of this process, who says `hello` like everyone.
  connection(caf::actor_config& config, context_ptr context, session_address session,
             vouched_identity who);
  /// Of somebody who only asks.
  connection(caf::actor_config& config, context_ptr context, session_address session, identity who);

  behavior_type make_behavior() override;
  void on_exit() override; ///< Ends what it watches.
  const char* name() const override { return "connection"; }

private:
  enum class phase : std::uint8_t { greeting, known };

  void on_command(envelope& asked);
  void on_screened(const screened& message);
  void go_on_unscreened(std::uint64_t number, const std::string& why);
  void take(envelope& asked);
  void serve(envelope& asked);
  void go_on();
  /// Whether the user is being erased; then that has been answered.
  bool is_by_erased(const envelope& asked);
  bool is_too_fast(const reference& ref, std::size_t commands = 1);
  void greet(const reference& ref, const hello& what);
  void know(identity who);
  void serve(const reference& ref, hello& what);
  void serve(const reference& ref, ping& what);
  void serve(const reference& ref, refresh& what);
  void serve(const reference& ref, create& what);
  void serve(const reference& ref, list_conversations& what);
  void serve(const reference& ref, search_messages& what);
  void serve(const reference& ref, get_receipts& what);
  void serve(const reference& ref, list_blocks& what) { ask_for_own(ref, what); }
  void serve(const reference& ref, list_invitations& what) { ask_for_own(ref, what); }
  void serve(const reference& ref, get_totals& what);
  void serve(const reference& ref, list_notifications& what);
  void serve(const reference& ref, get_notification_settings& what) { ask_for_own(ref, what); }
  void serve(const reference& ref, set_notifications& what);
  void serve(const reference& ref, dismiss_notifications& what);
  void serve(const reference& ref, get_file& what);
  void serve(const reference& ref, get_profile& what);
  void serve(const reference& ref, set_profile& what);
  /// Their token names them.
  void introduce();
  void serve(const reference& ref, hold_conversation& what);
  void serve(const reference& ref, list_holds& what);
  void serve(const reference& ref, block_user& what) { settle_block(ref, what); }
  void serve(const reference& ref, unblock_user& what) { settle_block(ref, what); }
  template <class List>
  void ask_for_own(const reference& ref, List& what);
  template <class Command>
  void settle_block(const reference& ref, Command& what);
  void serve(const reference& ref, set_presence& what);
  void serve(const reference& ref, watch_users& what);
  void serve(const reference& ref, unwatch_users& what);
  void serve(const reference& ref, mark_delivered& what);
  void serve(const reference& ref, mark_read& what);
  void serve(const reference& ref, mark_unread& what);
  template <class Command>
  void move_cursor(const reference& ref, Command& what);
  void serve(const reference& ref, list_sessions& what);
  void serve(const reference& ref, end_session& what);
  template <class Command>
  void serve(const reference& ref, Command& what);
  void route(conversation_request asked);
  void ask_presence(const reference& ref, presence_command what);

  result<identity> authenticate(const std::optional<std::string>& token);
  void refuse_hello(const reference& ref, const failure& why);
  void reply(std::string envelope);
  void fail(const reference& ref, error_code code, std::string message);
  asker as_asker(const reference& ref) const { return {who_.user, session_, ref, who_.operates}; }
  const shard_actor& shard() const { return context_->handles->shards[session_.shard]; }

  context_ptr context_;
  session_address session_;
  /// What came with the upgrade, until somebody is known: a token, or who it is.
  std::unique_ptr<std::variant<std::string, identity>> brought_;
  phase phase_ = phase::greeting;
  identity who_;
  std::optional<device_id> device_;     ///< As `hello` named it.
  std::unique_ptr<held_commands> held_; ///< Once something had to wait.
  std::set<user_id> watched_;           ///< Whose presence the session is told.
  std::shared_ptr<rate_limit> rate_;    ///< The user's, once known; null without limits.
};

} // namespace parley
