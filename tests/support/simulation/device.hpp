// A simulated client: does random things a client may do, and keeps account of what it was told.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/simulation/engine_in_memory.hpp"

namespace parley::test {

/// What all devices of a run share.
struct run_state {
  truth all;
  send_log sends;
  std::set<conversation_id> conversations;
  /// Where each named creation led, for whoever was told first.
  std::map<std::pair<user_id, client_id>, conversation_id> creations;
  /// Whose cursors were asked to move back, and where.
  std::set<std::pair<user_id, conversation_id>> marked_unread;
  std::uint64_t step = 0;
  std::uint64_t next_client = 1;
  std::vector<std::string> faults;
  /// Which of all events in streams its device overlooks, to try the oracle with; 0 for none.
  std::uint64_t overlooked = 0;
  std::uint64_t streamed = 0;
};

/// One device of one user, mostly online.
class device {
public:
  device(run_state& run, user_id user) : run_(run), view_(run.all, std::move(user)) {}

  /// The engine it talks to from now on; whatever was under way with the last one is unknown.
  void attach(engine_in_memory& engine, std::size_t shard);
  bool is_online() const { return session_ != 0; }

  void connect(bool resume);
  void disconnect();
  /// One random command.
  void act(random_source& random, const std::vector<user_id>& users);
  /// Reads what the server wrote, at most so many chunks.
  void receive(std::size_t most);
  /// Reads nothing until it wakes up.
  void sleep(bool asleep) { asleep_ = asleep; }
  bool is_asleep() const { return asleep_; }
  /// Asks again for every send that was not acknowledged, and pulls every gap.
  void catch_up();
  /// Asks to be shown who is there.
  void watch(const std::vector<user_id>& users) { command(watch_users{users}); }
  /// Compares what it was shown last of each user it watches with who `is_there`.
  void judge_presence(const std::set<user_id>& watched, const std::set<user_id>& is_there);
  /// Asks for its conversations, to compare what they say with the truth.
  void ask_list();
  /// Judges what it was shown of others' cursors; when nothing is under way any more.
  void judge_receipts() { view_.judge_receipts(); }
  /// What it still waits for, if anything.
  std::optional<std::string> owed() const;

  const device_view& view() const { return view_; }

private:
  struct posted {
    conversation_id conversation;
    client_id client;
    std::string body;
    std::vector<user_id> mentions = {};
  };

  void command(parley::command what);
  void post(const posted& what);
  void pull_gaps();
  void change_message(random_source& random, const conversation_id& where,
                      const std::vector<user_id>& users);
  void move_cursor(random_source& random, const conversation_id& where, std::uint64_t dice);
  void update(random_source& random, const conversation_id& where);
  void block_or_unblock(random_source& random, const std::vector<user_id>& users);
  void invite_or_answer(random_source& random, const conversation_id& where,
                        const std::vector<user_id>& users);
  std::uint64_t some_message(random_source& random, const conversation_id& where) const;
  void on_envelope(const nlohmann::json& envelope);
  void on_answer(const nlohmann::json& envelope);
  void on_created(const create& what, const conversation_id& where);
  void on_list(const nlohmann::json& list);
  void on_invitations(const nlohmann::json& list);
  void on_page(const nlohmann::json& page, const parley::command& asked);
  void on_stream(const nlohmann::json& envelope);
  position opened(const nlohmann::json& envelope) const;

  run_state& run_;
  device_view view_;
  engine_in_memory* engine_ = nullptr;
  std::size_t shard_ = 0;
  std::uint64_t session_ = 0;
  bool resuming_ = false;
  bool asleep_ = false;
  bool judges_lists_ = false;
  std::map<user_id, std::string> shown_; ///< Statuses, in this session.
  std::int64_t next_ref_ = 1;
  std::map<std::int64_t, parley::command> asked_;
  std::map<client_id, posted> unanswered_;
  std::vector<posted> answered_; ///< For late retries.
  std::optional<std::string> cursor_;
};

} // namespace parley::test
