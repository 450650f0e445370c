// Who is in which conversation of the floor's server, and what a turn of the loop has for them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/floor/command.hpp"
#include "bench/floor/session.hpp"

namespace parley::bench {

struct Room {
  std::string id;
  std::uint64_t seq = 0;
  std::vector<Session*> sessions; // of members who are connected
  std::string messages;           // of this turn, each encoded once
};

struct User {
  std::string id;
  std::vector<Session*> sessions;
  std::vector<Room*> rooms;
};

/// Carries out commands; nothing is kept but members and the last number of each conversation.
class Rooms final : public MessageSink {
public:
  void on_message(Session& session, std::string_view payload) override;

  /// Ends the turn: queues its answers and messages, and returns the sessions that have something
  /// to write.
  std::vector<Session*> end_turn();
  void forget(Session& session);

private:
  void carry_out(Session& session);
  void greet(Session& session);
  void create(Session& session);
  void add(Session& session, Room& room);
  void send(Session& session, Room& room);
  void refuse(Session& session, std::string_view code);
  void join(Room& room, std::string_view name);
  User& user_named(std::string_view id);
  Room* room_of_member(const Session& session);
  void touch(Session& session);

  std::unordered_map<std::string, std::unique_ptr<User>> users_;
  std::unordered_map<std::string, std::unique_ptr<Room>> rooms_;
  std::vector<Room*> told_; // conversations with messages in this turn
  std::vector<Session*> touched_;
  Command command_;
};

} // namespace parley::bench
