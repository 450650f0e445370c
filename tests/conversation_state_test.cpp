// The decisions of a conversation: retries first, then membership, rights and numbers.
#include "actors/conversation_state.hpp"

#include "actors/rules.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/unpack.hpp"

using namespace parley;
using parley::test::unpack;

namespace conversation_state_test {

const timestamp noon{std::chrono::hours{12}};
const user_id alice{"alice"};
const user_id bob{"bob"};
const user_id carol{"carol"};
const user_id mallory{"mallory"};

asker as(const user_id& user) { return {user, {0, 1}, std::int64_t{7}}; }

/// A conversation in memory with a log that commits when the test says so.
class scene {
public:
  conversation_state state{conversation_id{"c1"}};
  std::uint64_t batches = 0;

  /// Nobody has blocked anybody.
  verdict decide(const user_id& user, const conversation_command& what) {
    verdict decided = state.decide(as(user), what, noon);
    if (auto* query = std::get_if<look_up_invited>(&decided)) {
      state.learn(std::move(*query), invitation_obstacles{});
      decided = state.decide(as(user), what, noon);
    }
    return decided;
  }
  void commit() { state.appended(append_number{UINT64_MAX}, position{++batches}); }

  /// Decides, gives every look-up a negative answer, and commits what is proposed.
  nlohmann::json settled(const user_id& user, const conversation_command& what) {
    verdict decided = decide(user, what);
    while (auto* query = std::get_if<look_up>(&decided)) {
      state.learn(query->key, std::nullopt);
      decided = decide(user, what);
    }
    if (auto* answer = std::get_if<say>(&decided))
      return unpack(answer->envelope);
    auto ack = unpack(std::get<propose>(decided).ack);
    commit();
    return ack;
  }
  std::string code(const user_id& user, const conversation_command& what) {
    auto answer = settled(user, what);
    return answer["type"] == "error" ? answer["code"] : answer["type"];
  }
};

create group_of(std::vector<user_id> members, std::optional<client_id> client = {}) {
  return {conversation_kind::group, {}, "Crew", std::move(members), std::move(client)};
}
send_message post(std::string client, std::string body = "hi") {
  return {conversation_id{"c1"}, client_id{std::move(client)}, std::move(body)};
}

scene crew() {
  scene made;
  made.settled(alice, group_of({bob}));
  return made;
}

TEST_CASE("a conversation begins with the joining of all its founders at number 1") {
  scene it;
  auto answer = it.settled(alice, group_of({bob, alice, bob, carol}));
  CHECK(answer["type"] == "conversation");
  CHECK(answer["seq"] == 1);
  CHECK(answer["ref"] == 7);
  REQUIRE(answer["members"].size() == 3);
  CHECK(answer["members"][0] == nlohmann::json{{"user", "alice"}, {"role", "owner"}});
  CHECK(answer["members"][2] == nlohmann::json{{"user", "carol"}, {"role", "member"}});
}

TEST_CASE("numbers follow one another whatever is under way") {
  scene it = crew();
  auto first = std::get<propose>(it.decide(alice, post("a")));
  auto second = std::get<propose>(it.decide(bob, post("b")));
  CHECK(first.what->seq == sequence{2});
  CHECK(second.what->seq == sequence{3});
  CHECK(first.what->ordinal == message_ordinal{1});
  CHECK(second.what->ordinal == message_ordinal{2});
}

TEST_CASE("a stranger is told not_found whatever is asked and whatever the state") {
  scene empty;
  scene it = crew();
  const conversation_id c{"c1"};
  const std::vector<conversation_command> commands{post("x"),
                                                   add_members{c, {mallory}, {}, {}},
                                                   remove_member{c, bob, {}},
                                                   leave{c, {}},
                                                   get_conversation{c},
                                                   get_members{c, {}, {}},
                                                   history{c, {}, {}, {}, {}},
                                                   sync_events{c, 0, {}},
                                                   edit_message{c, 1, "x"},
                                                   erase{c, 1, audience::everyone},
                                                   react{c, 1, "+1"},
                                                   pin_message{c, 1},
                                                   ban_user{c, bob},
                                                   unban_user{c, bob},
                                                   silence_member{c, bob, 0},
                                                   get_receipts{c, 1},
                                                   get_versions{c, 1},
                                                   get_reactions{c, 1},
                                                   get_erasure{c, 1},
                                                   get_pins{c},
                                                   get_restrictions{c},
                                                   set_preferences{{true, {}, {}, {}}, c, {}}};
  for (const auto& each : commands) {
    CHECK(it.code(mallory, each) == "not_found");
    CHECK(empty.code(mallory, each) == "not_found");
  }
}

TEST_CASE("a retry gets the first acknowledgement") {
  scene it = crew();
  const auto first = it.settled(alice, post("once"));
  it.settled(bob, post("other"));
  const auto again = it.settled(alice, post("once"));
  CHECK(again == first);
  CHECK(first["seq"] == 2);
  CHECK(it.state.newest() == sequence{3});
}

TEST_CASE("a copy of a message that is still under way waits for it") {
  scene it = crew();
  it.decide(alice, post("once"));
  CHECK(std::holds_alternative<wait>(it.decide(alice, post("once"))));
  it.commit();
  CHECK(unpack(std::get<say>(it.decide(alice, post("once"))).envelope)["seq"] == 2);
}

TEST_CASE("the same client_id for other content is a conflict, for another sender it is new") {
  scene it = crew();
  it.settled(alice, post("once", "hi"));
  CHECK(it.code(alice, post("once", "ho")) == "conflict");
  CHECK(it.code(alice, add_members{conversation_id{"c1"}, {carol}, {}, client_id{"once"}}) ==
        "conflict");
  CHECK(it.settled(bob, post("once", "ho"))["seq"] == 3);
}

TEST_CASE("who has left still gets the first acknowledgement of a retry, and nothing else") {
  scene it = crew();
  const auto first = it.settled(bob, post("once"));
  const auto left = it.settled(bob, leave{conversation_id{"c1"}, client_id{"bye"}});
  CHECK(it.settled(bob, post("once")) == first);
  CHECK(it.settled(bob, leave{conversation_id{"c1"}, client_id{"bye"}}) == left);
  CHECK(it.code(bob, post("new")) == "not_found");
}

TEST_CASE("a creation asked for again gets its first answer, even when members have changed") {
  scene it;
  const auto first = it.settled(alice, group_of({bob}, client_id{"make"}));
  it.settled(alice, add_members{conversation_id{"c1"}, {carol}, {}, {}});
  CHECK(it.settled(alice, group_of({bob}, client_id{"make"})) == first);
  CHECK(it.code(alice, group_of({carol}, client_id{"make"})) == "conflict");
}

TEST_CASE("an unknown key is looked up before a number is given, once") {
  conversation_state state{conversation_id{"c1"}};
  conversation_snapshot stored;
  stored.exists = true;
  stored.head = sequence{9};
  stored.messages = message_ordinal{8};
  stored.members = {{alice, role::owner, sequence{1}, noon}};
  state.load(stored);
  auto query = std::get<look_up>(state.decide(as(alice), post("a"), noon));
  CHECK(query.key == idempotency_key{conversation_id{"c1"}, alice, client_id{"a"}});

  SECTION("and what was found is acknowledged as it was then") {
    state.learn(
        query.key,
        known_command{
            rules::fingerprint_of(post("a")), conversation_id{"c1"}, sequence{4}, noon, {}});
    CHECK(unpack(std::get<say>(state.decide(as(alice), post("a"), noon)).envelope)["seq"] == 4);
  }
  SECTION("and what was not found gets the next number") {
    state.learn(query.key, std::nullopt);
    CHECK(std::get<propose>(state.decide(as(alice), post("a"), noon)).what->seq == sequence{10});
  }
}

TEST_CASE("nothing passes a change of members that is under way") {
  scene it = crew();
  it.decide(alice, add_members{conversation_id{"c1"}, {carol}, {}, {}});
  CHECK(std::holds_alternative<wait>(it.decide(bob, post("x"))));
  CHECK(std::holds_alternative<wait>(
      it.decide(alice, remove_member{conversation_id{"c1"}, bob, {}})));
  it.commit();
  CHECK(std::get<propose>(it.decide(bob, post("x"))).what->seq == sequence{3});
}

TEST_CASE("a change of members waits for the messages before it") {
  scene it = crew();
  it.decide(alice, post("x"));
  CHECK(std::holds_alternative<wait>(
      it.decide(alice, add_members{conversation_id{"c1"}, {carol}, {}, {}})));
}

TEST_CASE("what is not on disk is not shown") {
  scene it = crew();
  it.decide(alice, post("x"));
  auto page = unpack(
      std::get<say>(it.decide(bob, history{conversation_id{"c1"}, {}, {}, {}, {}})).envelope);
  CHECK(page["last"] == 1);
  it.commit();
  page = unpack(
      std::get<say>(it.decide(bob, history{conversation_id{"c1"}, {}, {}, {}, {}})).envelope);
  CHECK(page["last"] == 2);
}

TEST_CASE("a question without a ref is not answered, but a refusal is told") {
  scene it = crew();
  const conversation_id c{"c1"};
  const std::vector<conversation_command> questions{get_conversation{c}, get_members{c, {}, {}},
                                                    history{c, {}, {}, {}, {}},
                                                    sync_events{c, 0, {}}};
  for (const auto& each : questions) {
    const auto told = std::get<say>(it.state.decide({alice, {0, 1}, {}}, each, noon));
    CHECK(told.envelope.empty());
    CHECK_FALSE(told.fills_gap);
    const auto refused = std::get<say>(it.state.decide({mallory, {0, 1}, {}}, each, noon));
    CHECK(unpack(refused.envelope)["code"] == "not_found");
  }
}

TEST_CASE("after a failed append the numbers go on from what is on disk and keys are free again") {
  scene it = crew();
  it.decide(alice, post("a"));
  it.decide(alice, post("b"));
  it.state.failed(append_number{2});
  CHECK(it.state.failing());
  it.state.failed(append_number{3});
  CHECK_FALSE(it.state.failing());
  CHECK(it.settled(alice, post("a"))["seq"] == 2);
}

TEST_CASE("only a message of a member that was not accepted before counts against rates") {
  scene it = crew();
  it.state.learn({conversation_id{"c1"}, bob, client_id{"b"}}, std::nullopt);
  const auto counts = [&](const user_id& user, const conversation_command& what) {
    return it.state.is_new_message(as(user), what);
  };
  CHECK(counts(bob, post("b")));
  CHECK_FALSE(counts(mallory, post("b")));
  CHECK_FALSE(counts(bob, get_conversation{conversation_id{"c1"}}));
  CHECK(counts(bob, react{conversation_id{"c1"}, 1, "+1"}));
  CHECK_FALSE(counts(mallory, react{conversation_id{"c1"}, 1, "+1"}));
  CHECK_FALSE(counts(bob, erase{conversation_id{"c1"}}));
  it.settled(bob, post("b"));
  CHECK_FALSE(counts(bob, post("b"))); // a retry
}

TEST_CASE("receipts that could not be stored do not hold up messages behind them that were") {
  scene it = crew();
  it.state.learn(bob, {{sequence{1}, sequence{1}, sequence{1}}}, {});
  REQUIRE(std::holds_alternative<gather>(it.decide(bob, mark_read{conversation_id{"c1"}, 1})) ==
          false); // nothing to move yet
  it.settled(alice, post("a"));
  REQUIRE(std::holds_alternative<gather>(it.decide(bob, mark_read{conversation_id{"c1"}, 2})));
  const auto moves = it.state.write_receipts(noon);
  REQUIRE(moves);
  const auto behind = std::get<propose>(it.decide(alice, post("b")));
  it.state.failed(moves->number);
  CHECK(it.state.failing());
  it.state.appended(behind.number, position{9});
  CHECK_FALSE(it.state.failing());
  CHECK(std::holds_alternative<look_up_receipt>(
      it.decide(bob, mark_read{conversation_id{"c1"}, 2}))); // what failed is not believed
}

TEST_CASE("what is written behind receipts that fail says what they said") {
  scene it = crew();
  it.state.learn(bob, {{sequence{1}, sequence{1}, sequence{1}}}, {});
  it.settled(alice, post("a"));
  const mark_read plain{conversation_id{"c1"}, 2};
  mark_read of_phone = plain;
  of_phone.device = device_id{"phone"};
  const auto written = [&](const mark_read& what) {
    REQUIRE(std::holds_alternative<gather>(it.decide(bob, what)));
    auto moves = it.state.write_receipts(noon);
    REQUIRE(moves);
    return std::move(*moves);
  };
  const auto lost = written(of_phone);
  const auto behind = written(plain);
  CHECK(behind.what->receipts[0].told == receipt_audience::everyone);
  it.state.failed(lost.number);
  it.state.appended(behind.number, position{9});
  const auto again = written(of_phone); // which is nowhere yet
  REQUIRE(again.what->receipts[0].devices.size() == 1);
  CHECK(again.what->receipts[0].devices[0].read == sequence{2});
  it.state.appended(again.number, position{10});
  CHECK(std::holds_alternative<say>(it.decide(bob, of_phone)));
}

TEST_CASE("a move with a client_id goes to the log alone, behind what was gathered") {
  scene it = crew();
  it.state.learn(alice, {{sequence{1}, sequence{1}, sequence{1}}}, {});
  it.state.learn(bob, {{sequence{1}, sequence{1}, sequence{1}}}, {});
  it.settled(alice, post("a"));
  const mark_read keyed{conversation_id{"c1"}, 2, client_id{"k"}};
  REQUIRE(std::holds_alternative<gather>(it.decide(bob, mark_read{conversation_id{"c1"}, 2})));
  CHECK(std::holds_alternative<wait>(it.decide(alice, keyed)));
  const auto gathered = it.state.write_receipts(noon);
  REQUIRE(gathered);
  CHECK(std::holds_alternative<wait>(it.decide(alice, keyed)));
  it.state.appended(gathered->number, position{9});
  const auto alone = std::get<propose>(it.decide(alice, keyed));
  REQUIRE(alone.what->receipts.size() == 1);
  CHECK(alone.what->receipts[0].user == alice);
}

TEST_CASE("adding members who are there already changes nothing") {
  scene it = crew();
  auto answer = it.settled(alice, add_members{conversation_id{"c1"}, {bob}, {}, {}});
  CHECK(answer["type"] == "ok");
  CHECK(answer["seq"] == 1);
  CHECK(it.state.newest() == sequence{1});
}

TEST_CASE("rights by kind and role") {
  struct row {
    conversation_kind kind;
    role as;
    bool post, add, remove_member, leave;
  };
  using enum role;
  constexpr auto direct = conversation_kind::direct;
  constexpr auto group = conversation_kind::group;
  constexpr auto channel = conversation_kind::channel;
  const auto table = {
      row{direct, owner, true, false, false, false},
      row{direct, member, true, false, false, false},
      row{group, owner, true, true, true, true},
      row{group, admin, true, true, true, true},
      row{group, member, true, true, false, true},
      row{group, reader, false, false, false, true},
      row{channel, owner, true, true, true, true},
      row{channel, admin, true, true, true, true},
      row{channel, member, false, false, false, true},
      row{channel, reader, false, false, false, true},
  };
  for (const auto& [kind, as, post, add, remove, leave] : table) {
    INFO(to_string(kind) << ' ' << to_string(as));
    CHECK(rules::may_post(kind, as) == post);
    CHECK(rules::may_add(kind, as) == add);
    CHECK(rules::may_remove(kind, as, member) == remove);
    CHECK(rules::may_leave(kind) == leave);
  }
  CHECK_FALSE(rules::may_remove(group, admin, owner));
  CHECK_FALSE(rules::may_remove(group, admin, admin));
  CHECK(rules::may_remove(group, owner, admin));
  CHECK_FALSE(rules::may_give(owner, owner));
  CHECK_FALSE(rules::may_give(member, admin));
  CHECK(rules::may_give(admin, admin));
}

TEST_CASE("a direct conversation has one id for the pair, whoever asks") {
  create a{conversation_kind::direct, bob, {}, {}, {}};
  create b{conversation_kind::direct, alice, {}, {}, {}};
  CHECK(rules::id_of(a, alice, "r") == rules::id_of(b, bob, "r"));
  CHECK(rules::id_of(a, alice, "r") != rules::id_of(a, carol, "r"));
}

TEST_CASE("history asks for the range its anchor means") {
  const conversation_id c{"c1"};
  const sequence head{50};
  struct row {
    history what;
    std::uint64_t first, last;
    bool newest_first;
  };
  const std::vector<row> table{
      {{c, {}, {}, {}, {}}, 1, 50, true},   {{c, 20, {}, {}, {}}, 1, 19, true},
      {{c, 1, {}, {}, {}}, 1, 0, true},     {{c, 0, {}, {}, {}}, 1, 0, true},
      {{c, 999, {}, {}, {}}, 1, 50, true},  {{c, {}, 20, {}, {}}, 21, 50, false},
      {{c, {}, 50, {}, {}}, 51, 50, false}, {{c, {}, 999, {}, {}}, 51, 50, false},
      {{c, {}, {}, 20, 10}, 15, 24, false}, {{c, {}, {}, 2, 10}, 1, 10, false},
      {{c, {}, {}, 50, 10}, 45, 50, false},
  };
  for (const auto& [what, first, last, newest_first] : table) {
    auto range = rules::range_of(what, head);
    REQUIRE(range.ok());
    CHECK(range->first == sequence{first});
    CHECK(range->last == sequence{last});
    CHECK(range->newest_first == newest_first);
  }
  CHECK_FALSE(rules::range_of(history{c, 1, 2, {}, {}}, head).ok());
}

TEST_CASE("what is read from the store is as new as what became of its messages") {
  const conversation_id c{"c1"};
  const history first{c, 3, {}, {}, {}}; // numbers 1 and 2
  scene it = crew();
  it.settled(alice, post("a"));
  it.settled(alice, post("b"));
  known_message known;
  known.seq = sequence{2};
  known.from = alice;
  known.at = noon;
  const auto change = [&](const conversation_command& what) {
    const auto query = std::get<look_up_message>(it.decide(alice, what));
    it.state.learn(query.what, {known});
    const auto decided = it.decide(alice, what);
    REQUIRE((std::holds_alternative<propose>(decided) ||
             std::get<propose_all>(decided).all.size() == 1));
    it.commit();
    return query.at_least;
  };
  const auto read_at = [&](const history& what) {
    return std::get<fetch>(it.decide(bob, what)).at_least;
  };
  CHECK(std::holds_alternative<say>(it.decide(bob, first))); // memory has all of it
  CHECK(change(react{c, 2, "+1"}) == position{2});           // its own
  CHECK(read_at(first) == position{4});
  CHECK(change(edit_message{c, 2, "x"}) == position{4}); // what changed it last
  CHECK(read_at(first) == position{5});
  CHECK(change(erase{c, 2, audience::me}) == position{5});
  CHECK(read_at(first) == position{6});
  it.state.trim(position{5}, 0); // the store is asked for what memory has let go of
  CHECK(read_at(first) == position{6});
}

TEST_CASE("an edit of what fell out is read from a store that knows that it did") {
  const conversation_id c{"c1"};
  scene it = crew();
  it.settled(alice, post("a")); // 2
  it.settled(alice, post("b")); // 3
  known_message known;
  known.seq = sequence{2};
  known.from = alice;
  known.at = noon;
  const edit_message edit{c, 2, "x"};
  it.state.learn(std::get<look_up_message>(it.decide(alice, edit)).what, {known});
  REQUIRE(std::holds_alternative<propose>(it.decide(alice, edit))); // 4
  it.commit();
  REQUIRE(std::holds_alternative<propose>(it.state.decide({}, trim_events{sequence{3}, {}}, noon)));
  it.commit();
  const auto page = it.decide(bob, history{c, {}, {}, {}, {}});
  CHECK(std::get<fetch>(page).at_least == position{it.batches});
}

} // namespace conversation_state_test
