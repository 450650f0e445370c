// Invitations: who may, what the invited are told and nobody else, and how each one ends.
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace invitations_test {

/// A group of Alice and Bob, to which Carol is a stranger.
struct house {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  client carol{it, "carol"};
  conversation_id where{make_group(alice, {user_id{"bob"}}).get<std::string>()};

  json invite(client& who, const std::string& whom, std::optional<role> as = {},
              std::optional<client_id> id = {}) {
    return who.ask(invite_users{where, {user_id{whom}}, as, std::move(id)});
  }
  /// Who is invited, as Alice is told.
  names invited() {
    names users;
    client asking{it, "alice", {}, "asks"};
    const json page = asking.ask(get_invited{where});
    for (const auto& each : page["items"])
      users.push_back(each["user"]);
    return users;
  }
  std::string checked() {
    it.engine.reset();
    return problems_of(it.data.path());
  }
};

json offers_of(client& who) { return who.ask(list_invitations{})["items"]; }

names members_of(client& who, const conversation_id& where) {
  names users;
  const json page = who.ask(get_members{where, {}, {}});
  for (const auto& each : page["items"])
    users.push_back(each["user"]);
  return users;
}

TEST_CASE("an invitation is an event to the members, and told to the devices of who is invited") {
  house all;
  client tablet{all.it, "carol", {}, "tablet"};
  all.alice.events();
  all.bob.events();
  const json answer = all.invite(all.bob, "carol", role::reader);
  CHECK(code_of(answer) == "ok");
  const auto told = all.alice.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["type"] == "invited");
  CHECK(told[0]["seq"] == answer["seq"]);
  CHECK(told[0]["users"] == json{{{"user", "carol"}, {"role", "reader"}}});
  CHECK(told[0]["by"] == "bob");
  CHECK(all.bob.types() == names{"invited"});
  for (auto* each : {&all.carol, &tablet}) {
    const auto offers = each->events();
    REQUIRE(offers.size() == 1);
    CHECK(offers[0]["type"] == "invitation");
    CHECK(offers[0]["conversation"] == all.where.str());
    CHECK(offers[0]["kind"] == "group");
    CHECK(offers[0]["title"] == "Crew");
    CHECK(offers[0]["role"] == "reader");
    CHECK(offers[0]["by"] == "bob");
    CHECK_FALSE(offers[0].contains("seq"));
  }
  CHECK(all.invited() == names{"carol"});
  all.alice.ask(update_conversation{all.where, "Other"});
  const json offers = offers_of(all.carol);
  REQUIRE(offers.size() == 1);
  CHECK(offers[0]["title"] == "Other"); // as it is now
  CHECK(offers[0]["at"] == told[0]["at"]);
  CHECK(all.carol.types().empty());
  const json page = all.alice.ask(history{all.where, {}, {}, {}, {}});
  CHECK(page["events"][1] == told[0]);
}

TEST_CASE("who is invited is a stranger until they accept") {
  house all;
  all.invite(all.alice, "carol");
  all.carol.events();
  all.bob.post(all.where.str(), "b1");
  all.bob.ask(set_typing{all.where, true});
  all.bob.ask(mark_read{all.where, 2});
  CHECK(all.carol.types().empty());
  all.carol.ask(watch_users{{user_id{"bob"}}});
  CHECK(all.carol.events().back()["status"] == "offline");
  for (command each :
       {command{get_conversation{all.where}}, command{get_members{all.where, {}, {}}},
        command{history{all.where, {}, {}, {}, {}}}, command{sync_events{all.where, 0, {}}},
        command{get_invited{all.where}}, command{send_message{all.where, client_id{"c1"}, "hi"}},
        command{invite_users{all.where, {user_id{"dave"}}}},
        command{uninvite_user{all.where, user_id{"carol"}}}, command{leave{all.where, {}}}})
    CHECK(code_of(all.carol.ask(std::move(each))) == "not_found");
  CHECK(all.carol.ask(list_conversations{})["items"].empty());
}

TEST_CASE("who accepts joins with the role offered, by whoever invited, also after a restart") {
  house all;
  all.invite(all.bob, "carol", role::reader);
  CHECK(code_of(all.bob.ask(leave{all.where, {}})) == "ok"); // the invitation stays
  all.it.restart();
  client alice{all.it, "alice"};
  client carol{all.it, "carol"};
  CHECK(carol.types().empty()); // she asks when she is back
  REQUIRE(offers_of(carol).size() == 1);
  const accept_invitation what{all.where, client_id{"yes"}};
  const json answer = carol.ask(accept_invitation{what});
  CHECK(code_of(answer) == "ok");
  const auto told = carol.events();
  REQUIRE(told.size() == 2);
  CHECK(told[0]["type"] == "conversation");
  CHECK(told[0]["member_count"] == 2);
  CHECK(told[1]["type"] == "joined");
  CHECK(told[1]["seq"] == answer["seq"]);
  CHECK(told[1]["by"] == "bob");
  CHECK(told[1]["users"] == json{{{"user", "carol"}, {"role", "reader"}}});
  CHECK(alice.types() == names{"joined"});
  CHECK(members_of(carol, all.where) == names{"alice", "carol"});
  CHECK(offers_of(carol).empty());
  CHECK(code_of(carol.ask(accept_invitation{all.where})) == "not_found");
  carol.ask(leave{all.where, {}});
  const json again = carol.ask(accept_invitation{what});
  CHECK(again["seq"] == answer["seq"]); // and has no second effect
  CHECK(members_of(alice, all.where) == names{"alice"});
  CHECK(code_of(carol.ask(decline_invitation{all.where, client_id{"yes"}})) == "conflict");
  CHECK(all.checked().empty());
}

TEST_CASE("an invitation is declined or taken back, and is over on all devices") {
  house all;
  client tablet{all.it, "carol", {}, "tablet"};
  const bool declines = GENERATE(true, false);
  all.invite(all.alice, "carol");
  for (auto* each : {&all.alice, &all.carol, &tablet})
    each->events();
  auto& who = declines ? all.carol : all.bob;
  const json answer =
      declines ? all.carol.ask(decline_invitation{all.where, client_id{"no"}})
               : all.bob.ask(uninvite_user{all.where, user_id{"carol"}, client_id{"no"}});
  CHECK(code_of(answer) == "ok");
  const auto told = all.alice.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["type"] == "uninvited");
  CHECK(told[0]["seq"] == answer["seq"]);
  CHECK(told[0]["user"] == "carol");
  CHECK(told[0]["by"] == (declines ? "carol" : "bob"));
  for (auto* each : {&all.carol, &tablet}) {
    const auto over = each->events();
    REQUIRE(over.size() == 1);
    CHECK(over[0] == json{{"type", "invitation_over"}, {"conversation", all.where.str()}});
  }
  CHECK(offers_of(all.carol).empty());
  CHECK(all.invited().empty());
  CHECK(code_of(all.carol.ask(accept_invitation{all.where})) == "not_found");
  CHECK(code_of(all.carol.ask(decline_invitation{all.where})) == "not_found");
  all.invite(all.alice, "carol"); // once more: the retry does nothing to it
  const json again = declines
                         ? who.ask(decline_invitation{all.where, client_id{"no"}})
                         : who.ask(uninvite_user{all.where, user_id{"carol"}, client_id{"no"}});
  CHECK(again["seq"] == answer["seq"]);
  CHECK(all.invited() == names{"carol"});
  CHECK(all.checked().empty());
}

TEST_CASE("to take back what is not there changes nothing") {
  house all;
  const json before = all.alice.ask(get_conversation{all.where});
  const json answer = all.alice.ask(uninvite_user{all.where, user_id{"carol"}, client_id{"u1"}});
  CHECK(code_of(answer) == "ok");
  CHECK(answer["seq"] == before["seq"]);
  all.invite(all.alice, "carol");
  CHECK(all.alice.ask(uninvite_user{all.where, user_id{"carol"}, client_id{"u1"}})["seq"] ==
        before["seq"]);
  CHECK(all.invited() == names{"carol"});
}

TEST_CASE("members and those who are invited already are left out") {
  house all;
  const invite_users what{
      all.where, {user_id{"carol"}, user_id{"bob"}, user_id{"dave"}, user_id{"carol"}}, {}, {}};
  all.alice.events();
  all.alice.ask(invite_users{what});
  CHECK(all.alice.events().back()["users"].size() == 2);
  const json again = all.alice.ask(invite_users{what});
  CHECK(again["seq"] == 2); // the newest
  CHECK(all.alice.types().empty());
  CHECK(all.invited() == names{"carol", "dave"});
  all.carol.events();
  CHECK(code_of(all.invite(all.bob, "carol", role::reader)) == "ok"); // nor is it changed
  CHECK(all.carol.types().empty());
  CHECK(offers_of(all.carol)[0]["role"] == "member");
}

TEST_CASE("who may add may invite, with the same roles") {
  house all;
  CHECK(code_of(all.invite(all.bob, "carol", role::admin)) == "forbidden");
  CHECK(code_of(all.invite(all.alice, "carol", role::owner)) == "forbidden");
  all.alice.ask(change_role{all.where, user_id{"bob"}, role::reader});
  CHECK(code_of(all.invite(all.bob, "carol")) == "forbidden");
  CHECK(code_of(all.bob.ask(get_invited{all.where})) == "forbidden");
  CHECK(code_of(all.bob.ask(uninvite_user{all.where, user_id{"carol"}})) == "forbidden");
  permissions rights;
  rights[right::add] = role::reader;
  update_conversation settled{all.where};
  settled.rights = rights;
  CHECK(code_of(all.alice.ask(settled)) == "ok");
  CHECK(code_of(all.invite(all.bob, "carol")) == "forbidden"); // a member is more than a reader
  CHECK(code_of(all.invite(all.bob, "carol", role::reader)) == "ok");
  const conversation_id pair{
      all.alice.ask(create{conversation_kind::direct, user_id{"bob"}, {}, {}, {}})["conversation"]
          .get<std::string>()};
  CHECK(code_of(all.alice.ask(invite_users{pair, {user_id{"carol"}}})) == "forbidden");
  CHECK(code_of(all.alice.ask(get_invited{pair})) == "forbidden");
  CHECK(code_of(all.alice.ask(invite_users{conversation_id{"none"}, {user_id{"carol"}}})) ==
        "not_found");
}

TEST_CASE("a ban ends the invitation, and nobody invites who is banned") {
  house all;
  all.invite(all.alice, "carol");
  all.carol.events();
  CHECK(code_of(all.alice.ask(ban_user{all.where, user_id{"carol"}})) == "ok");
  CHECK(all.carol.types() == names{"invitation_over"});
  CHECK(offers_of(all.carol).empty());
  CHECK(code_of(all.carol.ask(accept_invitation{all.where})) == "not_found");
  CHECK(code_of(all.invite(all.alice, "carol")) == "forbidden");
  CHECK(code_of(all.alice.ask(unban_user{all.where, user_id{"carol"}})) == "ok");
  CHECK(code_of(all.carol.ask(accept_invitation{all.where})) == "not_found"); // it stays so
  CHECK(code_of(all.invite(all.alice, "carol")) == "ok");
  CHECK(all.checked().empty());
}

TEST_CASE("who is added has no invitation any more") {
  house all;
  all.invite(all.alice, "carol", role::reader);
  all.carol.events();
  CHECK(code_of(all.bob.ask(add_members{all.where, {user_id{"carol"}}, {}, {}})) == "ok");
  CHECK(all.carol.types() == names{"conversation", "joined"});
  CHECK(offers_of(all.carol).empty());
  CHECK(all.invited().empty());
  CHECK(code_of(all.carol.ask(accept_invitation{all.where})) == "not_found");
  CHECK(all.checked().empty());
}

TEST_CASE("with the conversation all invitations to it end") {
  house all;
  all.alice.ask(invite_users{all.where, {user_id{"carol"}, user_id{"dave"}}});
  all.carol.events();
  CHECK(code_of(all.alice.ask(erase{all.where})) == "ok");
  CHECK(all.carol.types() == names{"invitation_over"});
  CHECK(offers_of(all.carol).empty());
  CHECK(code_of(all.carol.ask(accept_invitation{all.where, client_id{"c"}})) == "not_found");
  CHECK(all.checked().empty());
}

TEST_CASE("what was invited and deleted while the model was behind leaves no rows") {
  house all;
  all.alice.say(invite_users{all.where, {user_id{"carol"}}});
  all.alice.say(ban_user{all.where, user_id{"carol"}});
  all.alice.say(invite_users{all.where, {user_id{"dave"}}});
  all.alice.say(add_members{all.where, {user_id{"dave"}}, {}, {}});
  all.alice.say(invite_users{all.where, {user_id{"erin"}}});
  CHECK(code_of(all.alice.ask(erase{all.where})) == "ok");
  CHECK(all.checked().empty());
}

TEST_CASE("a retry of an invitation gets the first answer") {
  house all;
  const json first = all.invite(all.alice, "carol", {}, client_id{"i1"});
  all.carol.ask(decline_invitation{all.where});
  all.carol.events();
  CHECK(all.invite(all.alice, "carol", {}, client_id{"i1"})["seq"] == first["seq"]);
  CHECK(code_of(all.invite(all.alice, "dave", {}, client_id{"i1"})) == "conflict");
  all.it.restart();
  client alice{all.it, "alice"};
  client carol{all.it, "carol"};
  CHECK(all.invite(alice, "carol", {}, client_id{"i1"})["seq"] == first["seq"]);
  CHECK(code_of(all.invite(alice, "carol", role::reader, client_id{"i1"})) == "conflict");
  CHECK(carol.types().empty());
  CHECK(offers_of(carol).empty());
}

TEST_CASE("members who were away are told of it by number, the invited only when they ask") {
  house all;
  const std::string since = all.bob.greeting()["cursor"];
  const std::string carols = all.carol.greeting()["cursor"];
  all.invite(all.alice, "carol");
  all.alice.ask(uninvite_user{all.where, user_id{"carol"}});
  all.invite(all.alice, "carol");
  client later{all.it, "bob", since, "later"};
  names numbered;
  for (const auto& each : later.events())
    if (each.contains("seq") && each["type"] != "conversation" && each["seq"] > 1)
      numbered.push_back(each["type"]);
  CHECK(numbered == names{"invited", "uninvited", "invited"});
  all.it.restart();
  client carol{all.it, "carol", carols, "later"};
  CHECK(carol.types() == names{"synced"});
  CHECK(offers_of(carol).size() == 1);
}

TEST_CASE("invitations come in pages, the newest first; who is invited, by user") {
  house all;
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) {
    const json room = make_group(i % 2 ? all.alice : all.bob, {});
    made.push_back(room);
    auto& by = i % 2 ? all.alice : all.bob;
    by.ask(invite_users{conversation_id{made.back()}, {user_id{"carol"}}});
  }
  names seen;
  list_invitations asked{2, {}};
  for (int pages = 1;; ++pages) {
    const json page = all.carol.ask(list_invitations{asked});
    for (const auto& each : page["items"])
      seen.push_back(each["conversation"]);
    if (!page.contains("cursor")) {
      CHECK(pages == 3);
      break;
    }
    asked.cursor = page["cursor"];
  }
  CHECK(seen == names{made.rbegin(), made.rend()});
  CHECK(code_of(all.carol.ask(list_invitations{2, "nonsense"})) == "bad_request");
  all.alice.ask(invite_users{all.where, {user_id{"u3"}, user_id{"u1"}, user_id{"u2"}}});
  const json first = all.alice.ask(get_invited{all.where, 2, {}});
  CHECK(first["items"][0]["user"] == "u1");
  CHECK(first["items"][0]["by"] == "alice");
  CHECK(first["items"][0]["role"] == "member");
  const json rest = all.alice.ask(get_invited{all.where, 2, first["cursor"].get<std::string>()});
  CHECK(rest["items"].size() == 1);
  CHECK_FALSE(rest.contains("cursor"));
}

TEST_CASE("no more invitations are open in a conversation than can be looked at") {
  house all;
  std::vector<user_id> many;
  for (std::size_t i = 0; i < limits::invitations; ++i)
    many.push_back(user_id{"user" + std::to_string(i)});
  CHECK(code_of(all.alice.ask(invite_users{all.where, many})) == "ok");
  CHECK(code_of(all.invite(all.alice, "carol")) == "too_large");
  CHECK(code_of(all.alice.ask(uninvite_user{all.where, user_id{"user7"}})) == "ok");
  CHECK(code_of(all.invite(all.alice, "carol")) == "ok");
  CHECK(all.checked().empty());
}

TEST_CASE("nobody has more invitations than anybody reads") {
  house all;
  std::vector<conversation_id> rooms;
  std::vector<client> inviters;
  for (std::size_t i = 0; i < limits::invitations_of_user / limits::invitations_by_one; ++i)
    inviters.emplace_back(all.it, "host" + std::to_string(i));
  for (std::size_t i = 0; i < limits::invitations_of_user; ++i) {
    client& host = inviters[i % inviters.size()];
    rooms.emplace_back(make_group(host, {}).get<std::string>());
    REQUIRE(code_of(host.ask(invite_users{rooms.back(), {user_id{"carol"}}})) == "ok");
  }
  CHECK(code_of(all.alice.ask(invite_users{all.where, {user_id{"dave"}, user_id{"carol"}}})) ==
        "too_large");
  CHECK(all.invited().empty());
  CHECK(code_of(all.invite(all.alice, "dave")) == "ok");
  client carol{all.it, "carol", {}, "reads"}; // the other one read nothing meanwhile
  CHECK(code_of(carol.ask(decline_invitation{rooms[3]})) == "ok");
  CHECK(code_of(all.invite(all.alice, "carol")) == "ok");
}

TEST_CASE("one user fills nobody's invitations") {
  house all;
  const auto room = [&](client& of) {
    return conversation_id{make_group(of, {}).get<std::string>()};
  };
  std::vector<conversation_id> rooms;
  for (std::size_t i = 0; i < limits::invitations_by_one; ++i) {
    rooms.push_back(room(all.alice));
    REQUIRE(code_of(all.alice.ask(invite_users{rooms.back(), {user_id{"carol"}}})) == "ok");
  }
  CHECK(code_of(all.invite(all.alice, "carol")) == "too_large");
  CHECK(code_of(all.invite(all.bob, "carol")) == "ok"); // another one may
  CHECK(code_of(all.carol.ask(accept_invitation{rooms[7]})) == "ok");
  CHECK(code_of(all.alice.ask(invite_users{room(all.alice), {user_id{"carol"}}})) == "ok");
}

TEST_CASE("nobody invites whom they have blocked, or who has blocked them") {
  house all;
  CHECK(code_of(all.carol.ask(block_user{user_id{"alice"}})) == "ok");
  CHECK(code_of(all.invite(all.alice, "carol")) == "forbidden");
  CHECK(code_of(all.alice.ask(invite_users{all.where, {user_id{"dave"}, user_id{"carol"}}})) ==
        "forbidden");
  CHECK(all.invited().empty());
  CHECK(code_of(all.invite(all.bob, "carol")) == "ok");
  CHECK(code_of(all.alice.ask(block_user{user_id{"dave"}})) == "ok");
  CHECK(code_of(all.invite(all.alice, "dave")) == "forbidden");
  CHECK(code_of(all.alice.ask(unblock_user{user_id{"dave"}})) == "ok");
  CHECK(code_of(all.invite(all.alice, "dave")) == "ok");
}

} // namespace invitations_test
