// The conversation actor: takes commands in order, lets its state decide, and tells the others.
#pragma once

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/context.hpp"
#include "actors/conversation_state.hpp"
#include "actors/dealings_book.hpp"
#include "actors/fifo.hpp"
#include "actors/limits.hpp"
#include "actors/rate_limit.hpp"
#include "actors/typists.hpp"

namespace parley {

/// Spawned by the directory when a conversation is first asked for; commands wait until it is
/// loaded.
class conversation : public conversation_actor::base {
public:
  conversation(caf::actor_config& config, context_ptr context, conversation_id id);

  behavior_type make_behavior() override;
  const char* name() const override { return "conversation"; }

private:
  /// A read that waits for what was under way when it came.
  struct held_read {
    append_number until;
    request_ptr asked;
  };

  void on_ask(const request_ptr& asked);
  void on_loaded(const loaded& message);
  void on_keys_found(const keys_found& message);
  void on_receipts_found(const receipts_found& message);
  void on_message_found(const message_found& message);
  void on_invited_found(const invited_found& message);
  void on_files_found(const files_found& message);
  void on_appended(const appended& message);
  void on_append_failed(const append_failed& message);
  void on_typing_due();
  void on_dealings_found(const dealings_found& message);
  void on_profile_found(const profile_found& message);
  void on_passivate();

  void load();
  void advance();
  void proceed();
  /// Carries out one command; false when it has to wait at the front.
  bool take(const request_ptr& asked);
  void start_look_up();
  void start_look_up(const look_up_message& verdict);
  void start_look_up(const look_up_invited& verdict);
  void start_look_up(const look_up_files& verdict);
  void start_look_up(const look_up_profile& verdict);
  void look_up_keys();
  user_list_ptr members_apart(const dealings& dealt) const;
  void look_up_receipts();
  /// Has the gathered receipts written.
  void write_receipts();
  void release_reads(append_number up_to);
  void offer_to_go();

  /// Does what was decided; false when the command has to be decided again.
  bool carry_out(const request_ptr& asked, verdict decided);
  /// False while something is under way.
  bool reload();
  void carry_out(const request_ptr& asked, say verdict);
  void carry_out(const request_ptr& asked, propose verdict);
  void carry_out(const request_ptr& asked, propose_all verdict);
  void carry_out(const request_ptr& asked, const fetch& verdict);
  void carry_out(const request_ptr& asked, const inquire& verdict);
  void carry_out(const request_ptr& asked, gather verdict);
  void carry_out(const request_ptr& asked, const whisper& verdict);
  void carry_out(const request_ptr& asked, const survey& verdict);
  // conversation_crowd.cpp
  /// A user says that they type, or do not.
  void hear_typing(const user_id& user, bool active);
  /// The user types no more.
  void end_typing(const user_id& user, typing_pace pace);
  /// Tells the others, if they are to be told.
  void tell_typing(const typing_news& news);
  void tell_began(const user_id& user);
  void tell_ended(const user_id& user);
  void whisper_to_others(const user_id& except, const std::string& envelope,
                         const user_list_ptr& apart);
  /// Whoever is named is not any more, until it is known again who may know.
  void doubt(const user_id& user);
  /// Sees to it that those who stop without a word are noticed.
  void await_typing();
  void ask_dealings(const user_id& user);
  void answer_survey(const asker& who, const dealings_book::known& of);
  std::vector<std::pair<user_id, shown_status>> those_there(const user_id& asking,
                                                            const dealings_book::known& of) const;
  std::size_t count_there(const user_id& asking, const dealings_book::known& of);
  typing_pace pace() const;
  /// Those whom it concerns hear what users have settled.
  void tell_settled();
  /// The command has had its effect, or never will.
  void settle(const conversation_request& asked);
  void reply_to(const asker& who, std::string envelope);
  void fail_waiting(const failure& why);
  void fail_one(const request_ptr& asked, const failure& why);

  /// Whether a message comes too soon behind the others; then that has been answered.
  bool is_too_fast(const conversation_request& asked);

  context_ptr context_;
  conversation_id id_;
  conversation_state state_;
  rate_limit rate_{{limits::conversation_messages_per_second, limits::conversation_messages_burst}};
  bool loading_ = false;
  bool loaded_ = false;
  int looking_up_ = 0; ///< Look-ups that were not answered yet.
  bool offered_to_go_ = false;
  typists typists_;
  bool typing_awaited_ = false; ///< A `typing_due` is on its way.
  dealings_book dealings_;
  std::unordered_set<user_id> wanting_; ///< Who type, once it is known who may know.
  std::unordered_map<user_id, user_list_ptr> kept_from_; ///< Of who is named: who was not told.
  std::vector<request_ptr> surveys_;                     ///< That wait for what is read.
  std::unordered_set<user_id> online_; ///< In a crowd, who was there when that was looked at last.
  std::optional<instant> counted_at_;
  std::vector<idempotency_key> keys_looked_up_;
  std::vector<user_id> receipts_looked_up_;
  messages_question message_looked_up_;
  look_up_invited invited_looked_up_;
  request_ptr
      message_asked_by_; ///< While its message, whom it invites, or its files are looked up.
  fifo<request_ptr> waiting_;
  fifo<held_read> held_;
  std::vector<request_ptr> gathered_; ///< Moves of cursors that wait to be written.
  /// What asked for the records that are on their way.
  fifo<std::pair<append_number, std::vector<request_ptr>>> under_way_;
};

} // namespace parley
