// Answers commands and makes one block of frames per conversation and turn.
#include "bench/floor/rooms.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include "bench/floor/frames.hpp"
#include "bench/msgpack_write.hpp"

namespace parley::bench {
namespace {

constexpr unsigned binary = 2;

std::uint64_t wall_clock_ms() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

/// Begins an answer of `pairs` pairs beside its type and ref.
MsgpackWriter answer(Session& session, const Command& command, std::string_view type,
                     std::size_t pairs) {
  MsgpackWriter writer(session.answers());
  writer.map(pairs + (command.ref.empty() ? 1 : 2));
  writer.pair("type", type);
  if (!command.ref.empty()) {
    writer.str("ref");
    session.answers().append(command.ref);
  }
  return writer;
}

template <class T>
void drop(std::vector<T*>& from, T* what) {
  const auto at = std::find(from.begin(), from.end(), what);
  if (at == from.end())
    return;
  *at = from.back();
  from.pop_back();
}

} // namespace

void Rooms::on_message(Session& session, std::string_view payload) {
  MsgpackCursor cursor(payload);
  touch(session);
  while (!cursor.done()) {
    if (!scan_command(payload, cursor, command_))
      return refuse(session, "bad_request");
    carry_out(session);
  }
}

void Rooms::carry_out(Session& session) {
  if (command_.type == "hello")
    return greet(session);
  if (session.user == nullptr)
    return refuse(session, "unauthenticated");
  if (command_.type == "create")
    return create(session);
  if (command_.type != "add" && command_.type != "send")
    return refuse(session, "unknown_type");
  Room* room = room_of_member(session);
  if (room == nullptr)
    return refuse(session, "not_found");
  command_.type == "add" ? add(session, *room) : send(session, *room);
}

/// The token is the user's name: signing in is not what the floor is about.
void Rooms::greet(Session& session) {
  if (session.user != nullptr || command_.token.empty())
    return refuse(session, "bad_request");
  session.user = &user_named(command_.token);
  session.user->sessions.push_back(&session);
  for (Room* room : session.user->rooms)
    room->sessions.push_back(&session);
  answer(session, command_, "welcome", 1).pair("user", session.user->id);
}

void Rooms::create(Session& session) {
  auto made = std::make_unique<Room>();
  Room& room = *made;
  room.id = "room-" + std::to_string(rooms_.size());
  rooms_.emplace(room.id, std::move(made));
  join(room, session.user->id);
  for (const auto user : command_.users)
    join(room, user);
  ++room.seq;
  auto writer = answer(session, command_, "conversation", 2);
  writer.pair("conversation", room.id);
  writer.pair("seq", room.seq);
}

void Rooms::add(Session& session, Room& room) {
  for (const auto user : command_.users)
    join(room, user);
  answer(session, command_, "ok", 1).pair("seq", ++room.seq);
}

void Rooms::send(Session& session, Room& room) {
  const std::uint64_t seq = ++room.seq;
  const std::uint64_t at = wall_clock_ms();
  auto sent = answer(session, command_, "sent", 4);
  sent.pair("conversation", room.id);
  sent.pair("client_id", command_.client_id);
  sent.pair("seq", seq);
  sent.pair("at", at);

  if (room.messages.empty())
    told_.push_back(&room);
  MsgpackWriter message(room.messages);
  message.map(7);
  message.pair("type", "message");
  message.pair("conversation", room.id);
  message.pair("seq", seq);
  message.pair("at", at);
  message.pair("from", session.user->id);
  message.pair("client_id", command_.client_id);
  message.pair("body", command_.body);
}

void Rooms::refuse(Session& session, std::string_view code) {
  auto writer = answer(session, command_, "error", 2);
  writer.pair("code", code);
  writer.pair("message", "refused by the floor's server");
}

void Rooms::join(Room& room, std::string_view name) {
  User& user = user_named(name);
  if (std::find(user.rooms.begin(), user.rooms.end(), &room) != user.rooms.end())
    return;
  user.rooms.push_back(&room);
  room.sessions.insert(room.sessions.end(), user.sessions.begin(), user.sessions.end());
}

User& Rooms::user_named(std::string_view id) {
  auto& user = users_[std::string(id)];
  if (user == nullptr)
    user = std::make_unique<User>(User{std::string(id), {}, {}});
  return *user;
}

Room* Rooms::room_of_member(const Session& session) {
  for (Room* room : session.user->rooms)
    if (room->id == command_.conversation)
      return room;
  return nullptr;
}

void Rooms::touch(Session& session) {
  if (std::exchange(session.touched, true))
    return;
  touched_.push_back(&session);
}

std::vector<Session*> Rooms::end_turn() {
  for (Session* session : touched_)
    session->queue_answers();
  for (Room* room : told_) {
    std::string frames;
    frames.reserve(room->messages.size() + 10);
    append_frame_header(frames, binary, room->messages.size());
    const auto block = std::make_shared<const std::string>(frames.append(room->messages));
    room->messages.clear();
    for (Session* session : room->sessions) {
      session->queue(block);
      touch(*session);
    }
  }
  told_.clear();
  return std::exchange(touched_, {});
}

void Rooms::forget(Session& session) {
  drop(touched_, &session);
  if (session.user == nullptr)
    return;
  for (Room* room : session.user->rooms)
    drop(room->sessions, &session);
  drop(session.user->sessions, &session);
}

} // namespace parley::bench
