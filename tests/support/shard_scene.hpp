// A shard without sockets, and the records that a log would give it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/encoding.hpp"
#include "actors/shard_state.hpp"
#include "tests/support/unpack.hpp"

namespace parley::test {

inline const conversation_id room{"c1"};
inline const timestamp noon{std::chrono::hours{12}};

/// A shard without sockets: what it would write is kept, and read when the test says so.
class shard_scene : public shard_port {
public:
  shard_state shard{0, {"parley", "test", "local-fsync"}, {"secret", "epoch"}, position{}, *this};
  std::vector<read_catch_up> reads;
  std::vector<sessions_reported> reports;
  std::vector<command> dispatched;
  instant now{};
  std::uint64_t batches = 0;

  void dispatch(session&, envelope asked) override { dispatched.push_back(asked.what); }
  void wake(session&) override {}
  void read(read_catch_up query) override { reads.push_back(std::move(query)); }
  void report(sessions_reported what) override { reports.push_back(std::move(what)); }

  session& greet(const std::string& user, std::optional<std::string> since = {}) {
    session& made = shard.open(encoding::msgpack, now);
    shard.command(made, {std::int64_t{1}, hello{}});
    shard.admit(
        {made.number(), {user_id{user}, device_id{"d"}, {}, false}, std::int64_t{1}, since});
    return made;
  }
  void caught_up(const session& who, catch_up missed) {
    shard.caught_up({who.number(), std::make_shared<const catch_up>(std::move(missed))}, now);
  }
  session& live(const std::string& user, std::vector<conversation_id> memberships = {room}) {
    session& made = greet(user);
    caught_up(made, {shard.at(), std::move(memberships), {}, false});
    drain(made);
    return made;
  }
  void commit(std::vector<record_ptr> records, std::vector<reply> acks = {}) {
    shard.commit(std::make_shared<committed_batch>(
                     committed_batch{position{++batches}, std::move(records), std::move(acks)}),
                 now);
  }
  /// Takes everything that waits, as a socket would.
  std::vector<nlohmann::json> drain(session& of) {
    std::vector<nlohmann::json> got;
    while (!of.out().empty()) {
      for (auto& each : unpack_all(of.out().front()->msgpack()))
        got.push_back(std::move(each));
      of.out().pop();
      shard.progressed(of, now);
    }
    return got;
  }
  std::vector<std::string> types(session& of) {
    std::vector<std::string> names;
    for (const auto& each : drain(of))
      names.push_back(each["type"]);
    return names;
  }
};

inline record_ptr message(std::uint64_t seq, std::string body = "hi",
                          const conversation_id& where = room) {
  auto made = std::make_shared<record>();
  made->conversation = where;
  made->seq = sequence{seq};
  made->event = encode_message(made->seq, noon, user_id{"alice"}, {where, client_id{"x"}, body});
  return made;
}

inline record_ptr joining(std::uint64_t seq, const std::string& user) {
  auto made = std::make_shared<record>();
  made->kind = record_kind::joined;
  made->conversation = room;
  made->seq = sequence{seq};
  made->joined = {{user_id{user}, role::member}};
  made->event = encode_joined(room, made->seq, noon, made->joined, user_id{"alice"});
  made->introduction = encode_conversation(
      {}, {room, conversation_kind::group, "", {}, made->joined, 1, made->seq, noon});
  return made;
}

inline record_ptr leaving(std::uint64_t seq, const std::string& user) {
  auto made = std::make_shared<record>();
  made->kind = record_kind::left;
  made->conversation = room;
  made->seq = sequence{seq};
  made->left = user_id{user};
  made->event = encode_left(room, made->seq, noon, *made->left, user_id{"alice"}, {});
  return made;
}

/// Someone has read up to a message.
inline record_ptr reading(const std::string& user, std::uint64_t up_to) {
  auto made = std::make_shared<record>();
  made->kind = record_kind::receipts;
  made->conversation = room;
  const sequence to{up_to};
  made->receipts = {{user_id{user}, {to, to, to}}};
  return made;
}

using names = std::vector<std::string>;

} // namespace parley::test
