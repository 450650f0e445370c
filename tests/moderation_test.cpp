// Moderation: rights that a conversation settles itself, slow mode, freezing.
#include <string>

#include "actors/limits.hpp"
#include "actors/rules.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace moderation_test {

using namespace std::chrono_literals;

/// Alice's group with Bob, an admin, Carol, a member, and Dan, a reader.
struct moderated_room {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  client carol{it, "carol"};
  client dan{it, "dan"};
  conversation_id where{
      make_group(alice, {user_id{"bob"}, user_id{"carol"}, user_id{"dan"}}).get<std::string>()};
  int sent = 0;

  moderated_room() {
    alice.ask(change_role{where, user_id{"bob"}, role::admin});
    alice.ask(change_role{where, user_id{"dan"}, role::reader});
  }
  json post(client& who, const std::string& id = {}, std::vector<user_id> mentions = {}) {
    send_message what{where, client_id{id.empty() ? "m" + std::to_string(++sent) : id}, "hi"};
    if (!mentions.empty())
      what.mentions = std::move(mentions);
    return who.ask(std::move(what));
  }
  json update(client& who, std::optional<std::uint64_t> slow_mode, std::optional<bool> frozen,
              std::optional<permissions> rights = {}) {
    return who.ask(update_conversation{where, {}, {}, slow_mode, frozen, rights});
  }
  json settle(right what, role least) {
    permissions rights;
    rights[what] = least;
    return update(alice, {}, {}, rights);
  }
};

TEST_CASE("owners settle who may do what, and everyone is told") {
  moderated_room all;
  CHECK(code_of(all.post(all.dan)) == "forbidden");
  all.carol.events();
  CHECK(code_of(all.settle(right::post, role::reader)) == "ok");
  const auto told = all.carol.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["type"] == "changed");
  CHECK(told[0]["permissions"] == json{{"post", "reader"}});
  CHECK(code_of(all.post(all.dan)) == "sent");
  CHECK(code_of(all.settle(right::post, role::admin)) == "ok");
  for (int life = 0; life < 2; ++life) {
    client bob{all.it, "bob"};
    client carol{all.it, "carol"};
    CHECK(code_of(all.post(carol)) == "forbidden");
    CHECK(code_of(all.post(bob)) == "sent");
    CHECK(carol.ask(get_conversation{all.where})["permissions"] == json{{"post", "admin"}});
    CHECK(carol.ask(list_conversations{})["items"][0]["permissions"] == json{{"post", "admin"}});
    all.it.restart();
  }
  client alice{all.it, "alice"};
  client carol{all.it, "carol"};
  CHECK(code_of(all.update(alice, {}, {}, permissions{})) == "ok");
  CHECK(code_of(all.post(carol)) == "sent");
  CHECK_FALSE(carol.ask(get_conversation{all.where}).contains("permissions"));
  all.it.engine.reset();
  CHECK(problems_of(all.it.data.path()) == "");
}

TEST_CASE("each right is asked about where it counts") {
  moderated_room all;
  const std::uint64_t message = all.post(all.carol)["seq"];
  all.settle(right::edit, role::admin);
  CHECK(code_of(all.carol.ask(edit_message{all.where, message, "x"})) == "forbidden");
  all.settle(right::delete_any, role::member);
  const std::uint64_t other = all.post(all.bob)["seq"];
  CHECK(code_of(all.carol.ask(erase{all.where, other, audience::everyone})) == "ok");
  all.settle(right::pin, role::owner);
  CHECK(code_of(all.bob.ask(pin_message{all.where, message})) == "forbidden");
  all.settle(right::add, role::admin);
  CHECK(code_of(all.carol.ask(add_members{all.where, {user_id{"eve"}}, {}, {}})) == "forbidden");
  all.settle(right::remove, role::member);
  CHECK(code_of(all.carol.ask(remove_member{all.where, user_id{"bob"}, {}})) == "forbidden");
  CHECK(code_of(all.carol.ask(remove_member{all.where, user_id{"dan"}, {}})) == "ok");
  all.settle(right::update, role::admin);
  CHECK(code_of(all.carol.ask(update_conversation{all.where, "title"})) == "forbidden");
  all.settle(right::mention_all, role::admin);
  CHECK(code_of(all.post(all.carol, {}, {user_id{"@all"}})) == "forbidden");
  CHECK(code_of(all.post(all.carol, {}, {user_id{"bob"}})) == "sent");
  CHECK(code_of(all.post(all.bob, {}, {user_id{"@here"}})) == "sent");
  edit_message loud{all.where, message, "x"};
  loud.mentions = std::vector{user_id{"@all"}};
  CHECK(code_of(all.carol.ask(loud)) == "forbidden");
}

TEST_CASE("rights of a direct conversation are fixed, and only owners settle others'") {
  moderated_room all;
  const permissions rights;
  CHECK(code_of(all.update(all.bob, {}, {}, rights)) == "forbidden");
  CHECK(code_of(all.update(all.carol, 5, {})) == "forbidden");
  CHECK(code_of(all.update(all.carol, {}, true)) == "forbidden");
  CHECK(code_of(all.update(all.bob, 5, true)) == "ok");
  CHECK(code_of(all.update(all.bob, limits::slow_mode_seconds + 1, {})) == "bad_request");
  CHECK(code_of(all.update(all.bob, {}, {})) == "bad_request");
  client mallory{all.it, "mallory"};
  CHECK(code_of(all.update(mallory, 5, {})) == "not_found");
  const json pair = all.alice.ask(create{conversation_kind::direct, user_id{"bob"}, {}, {}, {}});
  const conversation_id direct{pair["conversation"].get<std::string>()};
  CHECK(code_of(all.alice.ask(update_conversation{direct, {}, {}, 5})) == "forbidden");
  CHECK(code_of(all.alice.ask(update_conversation{direct, {}, {}, {}, {}, rights})) == "forbidden");
}

TEST_CASE("rules of rights, kind by kind") {
  using enum role;
  permissions open;
  open.least.fill(reader);
  for (std::size_t i = 0; i < right_count; ++i) {
    const auto what = static_cast<right>(i);
    CAPTURE(to_string(what));
    CHECK(rules::may({conversation_kind::group, open}, what, reader));
    CHECK(rules::may({conversation_kind::channel, open}, what, reader));
    CHECK_FALSE(rules::may(conversation_kind::group, what, reader));
    CHECK_FALSE(rules::may(conversation_kind::channel, what, member));
    CHECK(rules::may(conversation_kind::channel, what, admin));
    const bool nobodys = what == right::add || what == right::remove || what == right::delete_any;
    CHECK(rules::may({conversation_kind::direct, open}, what, member) != nobodys);
    CHECK(rules::may({conversation_kind::direct, open}, what, owner) != nobodys);
  }
}

TEST_CASE("who may not post any more may not say it with an edit either") {
  moderated_room all;
  const std::uint64_t message = all.post(all.carol)["seq"];
  all.settle(right::post, role::admin);
  CHECK(code_of(all.carol.ask(edit_message{all.where, message, "x"})) == "forbidden");
  const json made =
      all.alice.ask(create{conversation_kind::channel, {}, {}, std::vector{user_id{"carol"}}, {}});
  const conversation_id channel{made["conversation"].get<std::string>()};
  permissions rights;
  rights[right::post] = role::reader;
  all.alice.ask(update_conversation{channel, {}, {}, {}, {}, rights});
  send_message loud{channel, client_id{"loud"}, "all of you"};
  loud.mentions = std::vector{user_id{"@all"}};
  const json sent = all.carol.ask(loud);
  CHECK(code_of(sent) == "sent");
  CHECK(code_of(all.carol.ask(edit_message{channel, sent["seq"], "x"})) == "ok");
}

TEST_CASE("a sender whose message could not be stored is not held back by it") {
  moderated_room all;
  all.update(all.alice, 60, {});
  all.it.engine->log().failing = true;
  CHECK(code_of(all.post(all.carol, "m")) == "unavailable");
  all.it.engine->log().failing = false;
  CHECK(code_of(all.post(all.carol, "m")) == "sent");
}

TEST_CASE("slow mode holds members back, not admins, and not retries") {
  moderated_room all;
  all.update(all.alice, 30, {});
  CHECK(code_of(all.post(all.carol, "first")) == "sent");
  const json refused = all.post(all.carol, "second");
  CHECK(code_of(refused) == "slow_mode");
  CHECK(refused["retry_after_ms"] > 29'000);
  CHECK(refused["retry_after_ms"] <= 30'000);
  CHECK(code_of(all.post(all.carol, "first")) == "sent"); // a retry
  CHECK(code_of(all.post(all.bob)) == "sent");
  CHECK(code_of(all.post(all.bob)) == "sent");
  all.it.restart();
  all.it.pass(5s); // the clock begins anew with each life: past the first message
  client carol{all.it, "carol"};
  CHECK(code_of(all.post(carol, "second")) == "slow_mode"); // also after a restart
  all.it.pass(30s);
  client again{all.it, "carol"};
  CHECK(code_of(all.post(again, "second")) == "sent");
  client alice{all.it, "alice"};
  all.update(alice, 0, {});
  CHECK(code_of(all.post(again)) == "sent");
  CHECK(code_of(all.post(again)) == "sent");
}

TEST_CASE("slow mode counts what was deleted, and what was long ago") {
  moderated_room all;
  all.update(all.alice, limits::slow_mode_seconds, {});
  const std::uint64_t message = all.post(all.carol)["seq"];
  all.carol.ask(erase{all.where, message, audience::everyone});
  for (std::size_t i = 0; i < limits::tail_events / 2 + 10; ++i) {
    const std::uint64_t other = all.post(all.bob)["seq"];
    all.bob.ask(react{all.where, other, "+1"});
    all.bob.events();
  }
  all.it.restart();
  all.it.pass(std::chrono::minutes{30});
  client carol{all.it, "carol"};
  CHECK(code_of(all.post(carol)) == "slow_mode");
}

TEST_CASE("what is frozen takes nothing from members") {
  moderated_room all;
  const std::uint64_t message = all.post(all.carol, "before")["seq"];
  all.update(all.bob, {}, true);
  for (int life = 0; life < 2; ++life) {
    client bob{all.it, "bob"};
    client carol{all.it, "carol"};
    CHECK(code_of(all.post(carol, "during")) == "frozen");
    CHECK(code_of(carol.ask(edit_message{all.where, message, "x"})) == "frozen");
    CHECK(code_of(carol.ask(react{all.where, message, "+1"})) == "frozen");
    CHECK(code_of(carol.ask(set_typing{all.where, true})) == "frozen");
    CHECK(code_of(carol.ask(pin_message{all.where, message, {}, {}})) == "frozen");
    CHECK(code_of(carol.ask(add_members{all.where, {user_id{"zoe"}}, {}, {}})) == "frozen");
    CHECK(code_of(carol.ask(invite_users{all.where, {user_id{"zoe"}}, {}, {}})) == "frozen");
    CHECK(code_of(carol.ask(update_conversation{all.where, "Ours"})) == "frozen");
    CHECK(code_of(all.post(carol, "before")) == "sent"); // a retry
    CHECK(code_of(carol.ask(mark_read{all.where, message})) == "ok");
    CHECK(code_of(all.post(bob)) == "sent");
    CHECK(carol.ask(get_conversation{all.where})["frozen"] == true);
    all.it.restart();
  }
  client bob{all.it, "bob"};
  client carol{all.it, "carol"};
  all.update(bob, {}, false);
  CHECK(code_of(all.post(carol, "during")) == "sent");
}

TEST_CASE("who is banned is out, and stays out until the ban ends") {
  moderated_room all;
  all.alice.events();
  CHECK(code_of(all.bob.ask(ban_user{all.where, user_id{"carol"}})) == "ok");
  const auto told = all.alice.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["type"] == "left");
  CHECK(told[0]["user"] == "carol");
  CHECK(told[0]["banned_until"] == limits::for_good);
  CHECK(code_of(all.post(all.carol)) == "not_found");
  for (int life = 0; life < 2; ++life) {
    client alice{all.it, "alice"};
    CHECK(code_of(alice.ask(add_members{all.where, {user_id{"carol"}}, {}, {}})) == "forbidden");
    const json listed = alice.ask(get_restrictions{all.where})["items"];
    REQUIRE(listed.size() == 1);
    CHECK(listed[0]["user"] == "carol");
    CHECK(listed[0]["banned_until"] == limits::for_good);
    all.it.restart();
  }
  client alice{all.it, "alice"};
  client carol{all.it, "carol"};
  CHECK(code_of(alice.ask(unban_user{all.where, user_id{"carol"}})) == "ok");
  CHECK(code_of(alice.ask(add_members{all.where, {user_id{"carol"}}, {}, {}})) == "ok");
  CHECK(code_of(all.post(carol)) == "sent");
  CHECK(alice.ask(get_restrictions{all.where})["items"].empty());
  all.it.engine.reset();
  CHECK(problems_of(all.it.data.path()) == "");
}

TEST_CASE("a ban may be of someone who is not there, and end by itself") {
  moderated_room all;
  const auto soon =
      static_cast<std::uint64_t>(to_wire(all.it.engine->wall_clock() + std::chrono::hours{1}));
  CHECK(code_of(all.alice.ask(ban_user{all.where, user_id{"eve"}, soon})) == "ok");
  CHECK(code_of(all.alice.ask(ban_user{all.where, user_id{"eve"}, soon})) == "ok"); // again
  CHECK(code_of(all.carol.ask(add_members{all.where, {user_id{"eve"}}, {}, {}})) == "forbidden");
  CHECK(code_of(all.alice.ask(ban_user{all.where, user_id{"eve"}, 1})) == "bad_request");
  CHECK(code_of(all.alice.ask(ban_user{all.where, user_id{"alice"}})) == "bad_request");
  all.it.pass(std::chrono::hours{1});
  client carol{all.it, "carol"};
  const json added = carol.ask(add_members{all.where, {user_id{"eve"}}, {}, {}});
  CHECK(code_of(added) == "ok");
  client alice{all.it, "alice"};
  CHECK(alice.ask(unban_user{all.where, user_id{"eve"}})["seq"] == added["seq"]); // over already
}

TEST_CASE("what is over is forgotten, and the silence of someone who left can be ended") {
  moderated_room all;
  const auto in = [&](std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(to_wire(all.it.engine->wall_clock() + time));
  };
  for (std::size_t i = 0; i < limits::restrictions; ++i)
    REQUIRE(code_of(all.alice.ask(ban_user{all.where, user_id{"u" + std::to_string(i)},
                                           in(std::chrono::hours{1})})) == "ok");
  client alice{all.it, "alice"};
  CHECK(code_of(alice.ask(ban_user{all.where, user_id{"one more"}})) == "too_large");
  CHECK(alice.ask(get_restrictions{all.where})["items"].size() == limits::restrictions);
  all.it.pass(std::chrono::hours{2});
  client again{all.it, "alice"};
  CHECK(code_of(again.ask(ban_user{all.where, user_id{"one more"}})) == "ok");
  CHECK(code_of(again.ask(silence_member{all.where, user_id{"carol"}, limits::for_good})) == "ok");
  client carol{all.it, "carol"};
  carol.ask(leave{all.where, {}});
  CHECK(code_of(again.ask(silence_member{all.where, user_id{"carol"}, 0})) == "ok");
  CHECK(again.ask(get_restrictions{all.where})["items"].size() == 1);
  all.it.engine.reset();
  CHECK(problems_of(all.it.data.path()) == "");
}

TEST_CASE("nobody bans or silences whom they do not rank above") {
  moderated_room all;
  for (auto* who : {&all.carol, &all.dan}) {
    CHECK(code_of(who->ask(ban_user{all.where, user_id{"dan"}})) == "forbidden");
    CHECK(code_of(who->ask(unban_user{all.where, user_id{"dan"}})) == "forbidden");
    CHECK(code_of(who->ask(silence_member{all.where, user_id{"dan"}, 5})) == "forbidden");
    CHECK(code_of(who->ask(get_restrictions{all.where})) == "forbidden");
  }
  CHECK(code_of(all.bob.ask(ban_user{all.where, user_id{"alice"}})) == "forbidden");
  CHECK(code_of(all.bob.ask(silence_member{all.where, user_id{"alice"}, 5})) == "forbidden");
  CHECK(code_of(all.bob.ask(silence_member{all.where, user_id{"nobody"}, 5})) == "not_found");
  client mallory{all.it, "mallory"};
  CHECK(code_of(mallory.ask(ban_user{all.where, user_id{"dan"}})) == "not_found");
  CHECK(code_of(mallory.ask(get_restrictions{all.where})) == "not_found");
}

TEST_CASE("who is silent reads and says nothing, until it ends") {
  moderated_room all;
  const std::uint64_t message = all.post(all.carol, "before")["seq"];
  const auto soon =
      static_cast<std::uint64_t>(to_wire(all.it.engine->wall_clock() + std::chrono::minutes{10}));
  CHECK(code_of(all.bob.ask(silence_member{all.where, user_id{"carol"}, soon})) == "ok");
  const json refused = all.post(all.carol, "during");
  CHECK(code_of(refused) == "forbidden");
  CHECK(refused["retry_after_ms"] > 590'000);
  CHECK(code_of(all.post(all.carol, "before")) == "sent"); // a retry
  CHECK(code_of(all.carol.ask(react{all.where, message, "+1"})) == "forbidden");
  CHECK(code_of(all.carol.ask(edit_message{all.where, message, "x"})) == "forbidden");
  CHECK(code_of(all.carol.ask(set_typing{all.where, true})) == "forbidden");
  CHECK(code_of(all.carol.ask(history{all.where, {}, {}, {}, {}})) == "page");
  all.it.restart();
  client carol{all.it, "carol"};
  CHECK(code_of(all.post(carol, "during")) == "forbidden");
  carol.ask(leave{all.where, {}});
  client alice{all.it, "alice"};
  alice.ask(add_members{all.where, {user_id{"carol"}}, {}, {}});
  CHECK(code_of(all.post(carol, "during")) == "forbidden"); // leaving does not end it
  all.it.pass(std::chrono::minutes{11});
  client again{all.it, "carol"};
  CHECK(code_of(all.post(again, "during")) == "sent");
  client bob{all.it, "bob"};
  bob.ask(silence_member{all.where, user_id{"carol"}, limits::for_good});
  bob.ask(silence_member{all.where, user_id{"carol"}, 0});
  CHECK(code_of(all.post(again)) == "sent");
}

} // namespace moderation_test
