// Fan-out in log order, the seam of a resume, slow readers and checkpoints.
#include "actors/shard_state.hpp"

#include <map>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shard_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace shard_state_test {
using nlohmann::json;

using scene = shard_scene;

TEST_CASE("every member connection gets an event, once, and nobody else does") {
  scene it;
  session& alice = it.live("alice");
  session& phone = it.live("alice");
  session& stranger = it.live("mallory", {});
  it.commit({message(2), message(3)});
  for (session* each : {&alice, &phone}) {
    auto got = it.drain(*each);
    REQUIRE(got.size() == 2);
    CHECK(got[0]["seq"] == 2);
    CHECK(got[1]["seq"] == 3);
  }
  CHECK(it.types(stranger).empty());
}

TEST_CASE("the sender's acknowledgement comes before the message it speaks of") {
  scene it;
  session& alice = it.live("alice");
  it.commit({message(2)}, {{{0, alice.number()}, encode_ok(std::int64_t{5}, sequence{2})}});
  CHECK(it.types(alice) == names{"ok", "message"});
}

TEST_CASE("joined is the first event an added member gets and left the last a removed one gets") {
  scene it;
  session& bob = it.live("bob", {});
  session& alice = it.live("alice");
  it.commit({message(2), joining(3, "bob"), message(4), leaving(5, "bob"), message(6)});
  CHECK(it.types(bob) == names{"conversation", "joined", "message", "left"});
  CHECK(it.types(alice) == names{"message", "joined", "message", "left", "message"});
  it.commit({message(7)});
  CHECK(it.types(bob).empty());
}

TEST_CASE("what is committed while a session catches up is replayed without gap or double") {
  scene it;
  it.commit({message(2)});
  session& bob = it.greet("bob");
  REQUIRE(it.reads.size() == 1);
  it.commit({message(3)});
  it.commit({message(4)});

  SECTION("when the store was read before them") {
    it.caught_up(bob, {position{1}, {room}, {}, false});
    CHECK(it.types(bob) == names{"welcome", "message", "message"});
  }
  SECTION("when the store was read between them") {
    it.caught_up(bob, {position{2}, {room}, {}, false});
    CHECK(it.types(bob) == names{"welcome", "message"});
  }
  SECTION("when the store is ahead of the shard") {
    it.caught_up(bob, {position{4}, {room}, {}, false});
    CHECK(it.types(bob) == names{"welcome"});
    it.commit({message(5)}); // position 4, read from the store already
    CHECK(it.types(bob).empty());
    it.commit({message(6)});
    CHECK(it.types(bob) == names{"message"});
  }
}

TEST_CASE("memberships that begin or end while a session catches up are honoured") {
  scene it;
  it.commit({message(2)});
  session& bob = it.greet("bob");
  it.commit({joining(3, "bob"), message(4)});
  it.commit({leaving(5, "bob"), message(6)});
  it.caught_up(bob, {position{1}, {}, {}, false});
  CHECK(it.types(bob) == names{"welcome", "conversation", "joined", "message", "left"});
}

record_ptr inviting(std::uint64_t seq, const std::string& user) {
  auto made = std::make_shared<record>();
  made->kind = record_kind::invited;
  made->conversation = room;
  made->seq = sequence{seq};
  made->roles = {{user_id{user}, role::member}};
  made->event = encode_invited(room, made->seq, noon, made->roles, user_id{"alice"});
  made->introduction = encode_invitation({room, conversation_kind::group, "", {}});
  return made;
}

record_ptr uninviting(std::uint64_t seq, const std::string& user) {
  auto made = std::make_shared<record>();
  made->kind = record_kind::uninvited;
  made->conversation = room;
  made->seq = sequence{seq};
  made->roles = {{user_id{user}, role::member}};
  made->event = encode_uninvited(room, made->seq, noon, user_id{user}, user_id{"alice"});
  made->uninvited = {user_id{user}};
  return made;
}

TEST_CASE("who is invited is told of that alone, live or while the session catches up") {
  scene it;
  session& alice = it.live("alice");
  session& carol = it.live("carol", {});
  session& late = it.greet("carol");
  it.commit({inviting(2, "carol"), message(3)});
  it.commit({uninviting(4, "carol"), message(5)});
  CHECK(it.types(alice) == names{"invited", "message", "uninvited", "message"});
  CHECK(it.types(carol) == names{"invitation", "invitation_over"});
  it.caught_up(late, {position{0}, {}, {}, false});
  CHECK(it.types(late) == names{"welcome", "invitation", "invitation_over"});
  session& later = it.greet("carol");
  it.caught_up(later, {position{1}, {}, {}, false});
  CHECK(it.types(later) == names{"welcome", "invitation_over"});
}

TEST_CASE("a resume brings what was missed, then synced") {
  scene it;
  session& bob = it.live("bob");
  it.commit({message(2)});
  it.now += limits::checkpoint_interval;
  it.shard.tick(it.now);
  const auto got = it.drain(bob);
  REQUIRE(got.back()["type"] == "checkpoint");
  it.shard.closed(bob.number());
  it.commit({message(3)});

  session& again = it.greet("bob", got.back()["cursor"].get<std::string>());
  CHECK(it.reads.back().since == position{1});
  missed_conversation missed{room, {}, {{sequence{3}, message(3)->event}}, {}, {}, false, {},
                             {},   {}};
  it.caught_up(again, {position{2}, {room}, {missed}, false});
  CHECK(it.types(again) == names{"welcome", "message", "synced"});
}

TEST_CASE("a gap of which all fell out while a session caught up holds no checkpoint") {
  scene it;
  const cursor_sealer cursors{"secret", "epoch"};
  session& bob = it.greet("bob", cursors.seal(user_id{"bob"}, position{}));
  for (std::uint64_t seq = 2; seq <= 6; ++seq)
    it.commit({message(seq)});
  missed_conversation missed{room, {}, {{sequence{5}, message(5)->event}}, {}, {}, false, {},
                             {},   {}};
  missed.gap_first = sequence{2};
  missed.gap_last = sequence{4};
  std::uint64_t kept_from = 5;
  SECTION("all of it") {}
  SECTION("but for its end") { kept_from = 4; }
  auto trimmed = std::make_shared<record>();
  trimmed->kind = record_kind::trimmed;
  trimmed->conversation = room;
  trimmed->change = std::make_shared<message_change>(message_change{sequence{kept_from}, {}});
  it.commit({trimmed});
  it.caught_up(bob, {position{4}, {room}, {missed}, false});
  if (kept_from == 4) {
    CHECK_FALSE(bob.keeps_up());
    CHECK(it.types(bob) == names{"welcome", "gap", "message", "message", "synced"});
    bob.pulled(room, sequence{4}, sequence{4});
    it.shard.progressed(bob, it.now);
    CHECK(it.types(bob) == names{"trimmed"});
  } else {
    CHECK(it.types(bob) == names{"welcome", "gap", "message", "message", "trimmed", "synced"});
  }
  CHECK(bob.keeps_up());
  CHECK(bob.whole_up_to(it.shard.at()) == it.shard.at());
}

TEST_CASE("a cursor that proves nothing is answered with reset") {
  const cursor_sealer other_epoch{"secret", "restored"};
  const cursor_sealer other_key{"guess", "epoch"};
  const cursor_sealer right{"secret", "epoch"};
  const user_id bob{"bob"};
  for (const std::string& cursor :
       {std::string{}, std::string{"garbage"}, other_epoch.seal(bob, position{}),
        other_key.seal(bob, position{}), right.seal(user_id{"alice"}, position{}),
        right.seal(bob, position{99})}) {
    scene it;
    session& who = it.greet("bob", cursor);
    it.caught_up(who, {position{}, {room}, {}, false});
    CHECK(it.types(who) == names{"welcome", "reset"});
  }
}

TEST_CASE("a slow reader's backlog collapses into a gap, which holds its checkpoint until pulled") {
  scene it;
  session& slow = it.live("slow");
  session& quick = it.live("quick");
  const std::string body(10'000, 'x');
  std::uint64_t seq = 1;
  while (slow.out().bytes() + 2 * body.size() < limits::outbox_bytes) {
    it.commit({message(++seq, body)});
    it.drain(quick);
  }
  const std::uint64_t before = it.batches;
  for (int i = 0; i < 50; ++i) {
    it.commit({message(++seq, body)});
    CHECK(it.drain(quick).size() == 1);
  }
  CHECK(slow.out().bytes() <= limits::outbox_bytes);
  auto got = it.drain(slow);
  REQUIRE(got.back()["type"] == "gap");
  CHECK(got.back()["to"] == seq);
  const std::uint64_t first_missing = got.back()["from"];
  CHECK(got[got.size() - 2]["seq"] == first_missing - 1);
  CHECK(slow.whole_up_to(it.shard.at()) < it.shard.at());
  CHECK(slow.whole_up_to(it.shard.at()) >= position{before - 1});

  it.commit({message(++seq)});
  CHECK(it.types(slow) == names{"message"});
  slow.pulled(room, sequence{first_missing}, sequence{seq - 10});
  CHECK(slow.whole_up_to(it.shard.at()) < it.shard.at());
  slow.pulled(room, sequence{seq - 9}, sequence{seq});
  CHECK(slow.whole_up_to(it.shard.at()) == it.shard.at());
}

TEST_CASE("a removed member is told the gap and the end however slow it is") {
  scene it;
  session& slow = it.live("slow");
  const std::string body(limits::outbox_bytes / 2 - 1000, 'x');
  it.commit({message(2, body), message(3, body)});
  it.commit({message(4, body)});
  it.commit({leaving(5, "slow")});
  auto got = it.types(slow);
  CHECK(got == names{"message", "message", "gap", "left"});
  CHECK(slow.whole_up_to(it.shard.at()) == it.shard.at());
}

TEST_CASE("a gap that was not pulled before a removal holds checkpoints again after the return") {
  scene it;
  session& slow = it.live("slow");
  const std::string body(limits::outbox_bytes / 2 - 1000, 'x');
  it.commit({message(2, body), message(3, body)});
  const position before = it.shard.at();
  it.commit({message(4, body)});
  it.commit({leaving(5, "slow")});
  it.drain(slow);
  CHECK(slow.whole_up_to(it.shard.at()) == it.shard.at());
  it.commit({joining(6, "slow")});
  CHECK(slow.whole_up_to(it.shard.at()) == before);
  slow.pulled(room, sequence{4}, sequence{4});
  CHECK(slow.whole_up_to(it.shard.at()) == it.shard.at());
}

TEST_CASE("who takes nothing at all is closed as too slow") {
  scene it;
  session& slow = it.live("slow");
  it.commit({message(2)});
  it.now += limits::outbox_stall + std::chrono::seconds{1};
  it.shard.tick(it.now);
  REQUIRE(slow.end());
  CHECK(slow.end()->code == close_code::too_slow_or_fast);
  CHECK(it.types(slow).back() == "bye");
}

TEST_CASE("commands to one conversation overlap, others wait for their turn") {
  scene it;
  session& alice = it.live("alice");
  it.dispatched.clear();
  const auto to = [](const char* where) {
    return envelope{std::int64_t{1}, send_message{conversation_id{where}, client_id{"x"}, "hi"}};
  };
  for (const char* where : {"c1", "c1", "c2"})
    it.shard.command(alice, to(where));
  it.shard.command(alice, {std::int64_t{2}, list_conversations{}});
  it.shard.command(alice, to("c2"));
  CHECK(it.dispatched.size() == 2);
  it.shard.answered({alice.number(), {}, {}, {}, {}}, it.now);
  CHECK(it.dispatched.size() == 2);
  it.shard.answered({alice.number(), {}, {}, {}, {}}, it.now);
  CHECK(it.dispatched.size() == 3);
  it.shard.answered({alice.number(), {}, {}, {}, {}}, it.now);
  CHECK(it.dispatched.size() == 4);
  CHECK(std::holds_alternative<list_conversations>(it.dispatched.back()));
  it.shard.answered({alice.number(), {}, {}, {}, {}}, it.now);
  CHECK(it.dispatched.size() == 5);
}

// --- Presence ------------------------------------------------------------------------------------

TEST_CASE("every session is renewed once in each interval, a portion at a time") {
  scene it;
  for (int i = 0; i < 100; ++i)
    it.live("user" + std::to_string(i));
  it.greet("on its way"); // admitted: is there, too
  it.shard.open(encoding::msgpack, it.now);
  it.shard.tick(it.now = instant{std::chrono::hours{1}});
  it.reports.clear();
  std::map<std::uint64_t, int> renewed;
  constexpr std::chrono::milliseconds step{500};
  static_assert(limits::renewal_slice % step == std::chrono::milliseconds{});
  for (auto time = step; time <= limits::session_renewal; time += step)
    it.shard.tick(it.now += step);
  for (const auto& report : it.reports) {
    CHECK(report.here.size() <= 6);
    CHECK(report.gone.empty());
    for (const auto& each : report.here)
      ++renewed[each.number];
  }
  CHECK(renewed.size() == 101);
  for (const auto& [number, times] : renewed)
    CHECK(times == 1);
}

TEST_CASE("after a pause longer than the interval all are renewed at once") {
  scene it;
  for (int i = 0; i < 50; ++i)
    it.live("user" + std::to_string(i));
  it.shard.tick(it.now = instant{std::chrono::hours{1}});
  it.reports.clear();
  it.shard.tick(it.now += 3 * limits::session_renewal);
  REQUIRE(it.reports.size() == 1);
  CHECK(it.reports[0].here.size() == 50);
}

TEST_CASE("a session that went is reported, also one that was let in too late") {
  scene it;
  const session& who = it.live("alice");
  const std::uint64_t number = who.number();
  it.shard.closed(number);
  REQUIRE(it.reports.size() == 1);
  REQUIRE(it.reports[0].gone.size() == 1);
  CHECK(it.reports[0].gone[0].user == user_id{"alice"});
  CHECK(it.reports[0].gone[0].number == number);
  it.shard.admit({77, {user_id{"bob"}, device_id{"d"}, {}, false}, std::int64_t{1}, {}});
  REQUIRE(it.reports.size() == 2);
  CHECK(it.reports[1].gone[0].user == user_id{"bob"});
  CHECK(it.reports[1].gone[0].number == 77);
  const std::uint64_t silent = it.shard.open(encoding::msgpack, it.now).number();
  it.shard.closed(silent);
  CHECK(it.reports.size() == 2); // nobody knows of it
}

TEST_CASE("those who are behind are told the latest of each user once they keep up") {
  scene it;
  session& slow = it.live("slow");
  const auto tell = [&](const std::string& user, shown_status status) {
    it.shard.presence_told({std::make_shared<const std::vector<std::uint64_t>>(
                                std::vector<std::uint64_t>{slow.number(), 999}),
                            user_id{user}, encode_presence(user_id{user}, {status, {}, {}})},
                           it.now);
  };
  tell("alice", shown_status::online);
  CHECK(it.drain(slow).size() == 1);
  slow.push_answer(std::make_shared<const chunk>(std::string(limits::outbox_bytes, '\xc0')),
                   it.now);
  tell("alice", shown_status::away);
  tell("bob", shown_status::online);
  tell("alice", shown_status::busy);
  CHECK(slow.out().size() == 1);
  slow.out().pop();
  it.shard.progressed(slow, it.now);
  const auto told = it.drain(slow);
  REQUIRE(told.size() == 2);
  CHECK(told[0]["status"] == "busy");
  CHECK(told[1]["user"] == "bob");
}

TEST_CASE("who left is told no receipt that waited until they keep up") {
  scene it;
  session& slow = it.live("slow");
  it.commit({message(2)});
  it.drain(slow);
  slow.push_answer(std::make_shared<const chunk>(std::string(limits::outbox_bytes, '\xc0')),
                   it.now);
  it.commit({reading("alice", 2)});
  it.shard.tick(it.now += std::chrono::seconds{1});
  REQUIRE(slow.soft_bytes() > 0);
  it.commit({leaving(3, "slow")});
  slow.out().pop();
  it.shard.progressed(slow, it.now);
  CHECK(it.types(slow) == names{"checkpoint", "left"});
}

TEST_CASE("a session that was ended by its user says bye and closes") {
  scene it;
  session& who = it.live("alice");
  it.shard.session_ended({who.number()}, it.now);
  REQUIRE(who.end());
  CHECK(who.end()->code == close_code::unauthenticated);
  const auto told = it.drain(who);
  REQUIRE(told.size() == 1);
  CHECK(told[0]["reason"] == "ended");
}

} // namespace shard_state_test
