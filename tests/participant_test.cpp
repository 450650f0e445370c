// Taking part as an actor: the same rights, order and bounds as over a socket.
#include "engine/participant.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "actors/command_form.hpp"
#include "actors/encoding.hpp"
#include "actors/limits_of_participants.hpp"
#include "engine/local_shard.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace participant_test {

/// What an actor was told, and the part it has.
struct notes {
  participant part;
  std::vector<told_event> got;
  std::vector<delivery> untaken; ///< While it takes nothing.
  std::vector<parted> ends;
  bool takes = true;
};

class note_taker : public participant_actor::base {
public:
  note_taker(caf::actor_config& config, notes& into)
      : participant_actor::base(config), into_(into) {}

  behavior_type make_behavior() override {
    return {
        [this](const delivery& what) {
          if (!into_.takes)
            return into_.untaken.push_back(what);
          for (auto& each : into_.part.take(what))
            into_.got.push_back(std::move(each));
        },
        [this](const parted& what) { into_.ends.push_back(what); },
    };
  }

private:
  notes& into_;
};

/// A whole engine with a shard of participants beside the one that has clients.
class party {
public:
  scene it;
  std::shared_ptr<roll_call> seats = std::make_shared<roll_call>();
  participants_actor shard;

  party() {
    auto& handles = *it.engine->context()->handles;
    shard = spawn_actor<local_shard, participants_actor>(
        it.engine->actors(), it.engine->context(),
        static_cast<std::uint32_t>(handles.shards.size()), server_facts{}, it.engine->cursors(),
        seats);
    handles.shards.emplace_back(shard);
    it.engine->settle();
  }
  /// No handle of an actor outlives its actor system.
  ~party() {
    shard = nullptr;
    for (auto* each : here_)
      each->part = {};
  }

  /// Brings an actor in, and waits until it is welcome.
  participant_actor join(notes& who, const std::string& user,
                         std::optional<std::string> since = {}) {
    auto actor = spawn_actor<note_taker, participant_actor>(it.engine->actors(), std::ref(who));
    who.part = participant{shard, ++last_};
    here_.push_back(&who);
    seats->began();
    tell_from_outside(shard, participant_joined{who.part.number(),
                                                {user_id{user}, device_id{"d"}, {}, false},
                                                std::move(since),
                                                actor});
    it.engine->settle();
    return actor;
  }

  void say(notes& who, command what, reference ref = {}) {
    who.part.say(std::move(what), std::move(ref));
    it.engine->settle();
  }

  conversation_id group(notes& by, std::vector<user_id> members) {
    say(by, create{conversation_kind::group, {}, "Crew", std::move(members), {}}, "made");
    for (const auto& each : by.got)
      if (const auto* made = std::get_if<events::conversation>(&each.what))
        return made->id;
    FAIL("no conversation was made");
    return {};
  }

private:
  std::uint64_t last_ = 0;
  std::vector<notes*> here_; ///< They outlive this.
};

/// All of one kind, in the order in which they were told.
template <class Event>
std::vector<Event> all(const notes& who) {
  std::vector<Event> found;
  for (const auto& each : who.got)
    if (const auto* event = std::get_if<Event>(&each.what))
      found.push_back(*event);
  return found;
}

template <class Event>
std::size_t place_of(const notes& who) {
  const auto found = std::find_if(who.got.begin(), who.got.end(), [](const auto& each) {
    return std::holds_alternative<Event>(each.what);
  });
  return static_cast<std::size_t>(found - who.got.begin());
}

TEST_CASE("participants chat with one another and with clients, in one order") {
  notes alice;
  notes bob;
  party in;
  const auto keep = std::vector{in.join(alice, "alice"), in.join(bob, "bob")};
  client carol{in.it, "carol"};
  CHECK(all<events::welcome>(alice).at(0).user.str() == "alice");

  const auto room = in.group(alice, {user_id{"bob"}, user_id{"carol"}});
  in.say(alice, send_message{room, client_id{"1"}, "hello"}, std::int64_t{7});
  in.say(bob, send_message{room, client_id{"1"}, "hello, too"});

  const auto sent = all<events::sent>(alice);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].seq == sequence{2});
  const auto answer = std::find_if(alice.got.begin(), alice.got.end(), [](const auto& each) {
    return each.ref == reference{std::int64_t{7}};
  });
  REQUIRE(answer != alice.got.end());
  CHECK(std::holds_alternative<events::sent>(answer->what));
  CHECK(place_of<events::sent>(alice) < place_of<events::message>(alice));
  for (const auto* each : {&alice, &bob}) {
    const auto messages = all<events::message>(*each);
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].body == "hello");
    CHECK(messages[1].from.str() == "bob");
    CHECK(messages[1].seq == sequence{3});
  }
  CHECK(place_of<events::conversation>(bob) < place_of<events::joined>(bob));
  CHECK(carol.types() == test::names{"conversation", "joined", "message", "message"});
}

TEST_CASE("who was away goes on from a cursor, and misses nothing") {
  notes alice;
  notes bob;
  notes back;
  party in;
  const auto keep = in.join(alice, "alice");
  auto first = in.join(bob, "bob");
  const auto room = in.group(alice, {user_id{"bob"}});
  in.it.pass(1s);
  const auto cursors = all<events::checkpoint>(bob);
  REQUIRE_FALSE(cursors.empty());
  bob.part.leave();
  in.it.engine->settle();
  in.say(alice, send_message{room, client_id{"1"}, "while you were away"});

  const auto second = in.join(back, "bob", cursors.back().cursor);
  const auto missed = all<events::message>(back);
  REQUIRE(missed.size() == 1);
  CHECK(missed[0].body == "while you were away");
  CHECK(all<events::synced>(back).size() == 1);
  CHECK(all<events::joined>(back).empty());
}

TEST_CASE("who takes nothing is told of a gap, fills it, and holds up nobody") {
  notes alice;
  notes slow;
  party in;
  const auto keep = std::vector{in.join(alice, "alice"), in.join(slow, "slow")};
  const auto room = in.group(alice, {user_id{"slow"}});
  slow.takes = false;
  const std::string body(limits::body_bytes, 'x');
  constexpr std::uint64_t many = 2 * limits::outbox_bytes / limits::body_bytes;
  for (std::uint64_t i = 0; i < many; ++i)
    in.say(alice, send_message{room, client_id{std::to_string(i)}, body});
  CHECK(all<events::message>(alice).size() == many);
  REQUIRE(slow.untaken.size() == 1); // one at a time

  slow.takes = true;
  for (const auto& each : participant::read(slow.untaken.front()))
    slow.got.push_back(each);
  slow.part.took();
  in.it.engine->settle();
  const auto gaps = all<events::gap>(slow);
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].to == sequence{many + 1});
  for (auto next = gaps[0].from.previous(); next < gaps[0].to;) {
    in.say(slow, sync_events{room, next.value(), {}}, "gap");
    const auto pages = all<events::page>(slow);
    REQUIRE_FALSE(pages.empty());
    REQUIRE(pages.back().last > next);
    next = pages.back().last;
  }
  std::size_t pulled = 0;
  for (const auto& page : all<events::page>(slow))
    pulled += page.items.size();
  CHECK(all<events::message>(slow).size() + pulled == many);
}

TEST_CASE("commands of this process are held to the rules of the wire") {
  notes alice;
  party in;
  const auto keep = in.join(alice, "alice");
  const auto room = in.group(alice, {});
  const auto code_of_last = [&] {
    const auto refused = all<events::refused>(alice);
    return refused.empty() ? error_code::internal : refused.back().why.code;
  };
  in.say(alice, send_message{room, client_id{"1"}, std::string(limits::body_bytes + 1, 'x')}, "a");
  CHECK(code_of_last() == error_code::too_large);
  in.say(alice, send_message{room, client_id{std::string(200, 'x')}, "hi"}, "b");
  CHECK(code_of_last() == error_code::bad_request);
  in.say(alice, send_message{room, client_id{"2"}, "bell \a"}, "c");
  CHECK(code_of_last() == error_code::bad_request);
  in.say(alice, send_message{room, client_id{"3"}, "\xff"}, "d");
  CHECK(code_of_last() == error_code::bad_request);
  CHECK(all<events::refused>(alice).size() == 4);
  in.say(alice, send_message{room, client_id{"4"}, "e\u0301"}, "e");
  REQUIRE(all<events::message>(alice).size() == 1);
  CHECK(all<events::message>(alice)[0].body == "\u00e9");
}

TEST_CASE("a command is put into form field by field") {
  const auto formed = [](command what) {
    const auto done = take_form(what);
    return done ? std::string{"ok"} : done.error().message;
  };
  CHECK(formed(ping{}) == "ok");
  CHECK(formed(set_presence{presence_status::online, "e\u0301"}) == "ok");
  CHECK(formed(react{conversation_id{"c"}, 1, ""}) == "emoji is no emoji");
  CHECK(formed(react{conversation_id{"c"}, 1, "__proto__"}) == "emoji is no emoji");
  CHECK(formed(get_conversation{}) == "conversation must have 1 to 128 bytes");
  CHECK(formed(edit_message{conversation_id{"c"}, 1, ""}) == "body must not be empty");
  CHECK(formed(mark_read{conversation_id{"c"}, std::uint64_t{1} << 60}) ==
        "seq must be a whole number from 0 to 2^53 - 1");
  send_message said{conversation_id{"c"}, client_id{"1"}, "x"};
  said.meta = application_data{"\x81\xa1k\xd9\x01v"}; // a text with a longer head than it needs
  said.screened = std::make_shared<const screening_note>();
  command asked = said;
  CHECK(take_form(asked));
  CHECK(std::get<send_message>(asked).meta->msgpack == "\x81\xa1k\xa1v");
  CHECK(std::get<send_message>(asked).screened == nullptr);
  said.meta = application_data{"\x93"};
  CHECK(formed(said) == "meta must be a map");
  said.meta = application_data{"\x81\xa1k"};
  CHECK(formed(said) == "meta is malformed");
  CHECK(is_reference(std::int64_t{-5}));
  CHECK_FALSE(is_reference(std::string(limits::ref_bytes + 1, 'r')));
}

TEST_CASE("too many commands at once are refused, each with its ref") {
  notes alice;
  party in;
  const auto keep = in.join(alice, "alice");
  const std::size_t many = limits::participant_commands + 2 * limits::commands_in_flight;
  for (std::size_t i = 0; i < many; ++i)
    alice.part.say(ping{}, static_cast<std::int64_t>(i));
  in.it.engine->settle();
  std::size_t answers = 0;
  for (const auto& each : alice.got)
    answers += std::holds_alternative<std::int64_t>(each.ref) ? 1 : 0;
  CHECK(answers == many);
}

TEST_CASE("an actor's end ends its part, and the engine's end everyone's") {
  notes alice;
  notes bob;
  notes late;
  party in;
  const auto keep = in.join(alice, "alice");
  auto gone = in.join(bob, "bob");
  const auto room = in.group(alice, {user_id{"bob"}});
  end_actor(gone);
  gone = nullptr;
  in.it.engine->settle();
  CHECK_FALSE(in.seats->await_all_ended_for(0ns)); // alice is there
  tell_from_outside(in.shard, drain{});
  in.it.engine->settle();
  REQUIRE(alice.ends.size() == 1);
  CHECK(alice.ends[0].reason == "restart");
  CHECK(bob.ends.empty());
  CHECK(in.seats->await_all_ended_for(0ns));
  const auto nobody = in.join(late, "carol");
  CHECK(late.ends.size() == 1);
}

TEST_CASE("what is told is read as it was written") {
  const conversation_id room{"room"};
  const user_id by{"by"};
  const timestamp at{5ms};
  const auto read = [](const std::string& bytes) {
    std::vector<told_event> all;
    read_events(bytes, all);
    REQUIRE(all.size() == 1);
    return all.front();
  };
  send_message what{room, client_id{"c"}, "body"};
  what.mentions = std::vector{user_id{"@all"}};
  what.reply_to = 3;
  const auto message =
      std::get<events::message>(read(encode_message(sequence{4}, at, by, what)).what);
  CHECK(message.conversation == room);
  CHECK(message.seq == sequence{4});
  CHECK(message.at == at);
  CHECK(message.mentions == what.mentions);
  CHECK(message.reply_to == 3U);
  const auto gone = read(encode_message_tombstone(room, sequence{4}, at, by).event);
  CHECK(std::get<events::message>(gone.what).is_deleted);
  const auto left = read(encode_left(room, sequence{5}, at, by, user_id{"x"}, user_id{"new"}));
  CHECK(std::get<events::left>(left.what).owner == user_id{"new"});
  CHECK(std::holds_alternative<events::erased>(
      read(encode_erased(room, sequence{6}, at, sequence{4}, by)).what));
  CHECK(std::holds_alternative<events::conversation_deleted>(
      read(encode_deleted(room, sequence{7}, at, by)).what));
  const auto refused =
      read(encode_error(std::string{"r"}, {error_code::slow_mode, "slow", 1500ms}));
  CHECK(refused.ref == reference{std::string{"r"}});
  CHECK(std::get<events::refused>(refused.what).why.code == error_code::slow_mode);
  CHECK(std::get<events::refused>(refused.what).why.retry_after == 1500ms);
  const auto other = std::get<events::other>(read(encode_hidden(room, sequence{4})).what);
  CHECK(other.type == "hidden");
  CHECK(other.msgpack == encode_hidden(room, sequence{4}));
  std::vector<told_event> cut;
  const std::string whole = encode_gap(room, sequence{1}, sequence{2});
  read_events(whole + whole.substr(0, whole.size() - 1), cut);
  CHECK(cut.size() == 1);
}

} // namespace participant_test
