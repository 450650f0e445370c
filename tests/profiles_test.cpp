// What users show of themselves, through the whole engine: who sets it, who is told, who may ask.
#include <string>
#include <vector>

#include "actors/limits_people.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace profiles_test {

std::vector<json> profiles_among(const std::vector<json>& events) {
  std::vector<json> found;
  for (const auto& each : events)
    if (each["type"] == "profile")
      found.push_back(each);
  return found;
}

set_profile named(const char* name) { return {erasable_text{name}, {}, {}, {}}; }

get_profile of(const char* user) { return {user_id{user}, {}}; }

/// Alice and Bob share a group; Eve shares none.
struct company {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  client eve{it, "eve"};
  conversation_id where{make_group(alice, {user_id{"bob"}}).get<std::string>()};
};

TEST_CASE("a profile is set, changed in part and taken away") {
  company all;
  const json none = all.bob.ask(of("alice"));
  CHECK(none["user"] == "alice");
  CHECK(none["at"] == 0);
  CHECK_FALSE(none.contains("name"));
  const erasable_text picture{"https://example.org/a.png"};
  CHECK(code_of(all.alice.ask(set_profile{erasable_text{"Alice"}, picture, {}, {}})) == "ok");
  CHECK(code_of(all.alice.ask(set_profile{{}, {}, erasable_text{"hello"}, {}})) == "ok");
  for (int life = 0; life < 2; ++life) {
    client bob{all.it, "bob"};
    const json shown = bob.ask(of("alice"));
    CHECK(shown["name"] == "Alice");
    CHECK(shown["avatar"] == picture.text);
    CHECK(shown["text"] == "hello");
    CHECK(shown["at"] > 0);
    all.it.restart();
  }
  client alice{all.it, "alice"};
  CHECK(code_of(alice.ask(set_profile{erasable_text{}, erasable_text{}, {}, {}})) == "ok");
  const json left = alice.ask(get_profile{});
  CHECK_FALSE(left.contains("name"));
  CHECK_FALSE(left.contains("avatar"));
  CHECK(left["text"] == "hello");
  CHECK(code_of(alice.ask(set_profile{})) == "bad_request");
  CHECK(code_of(alice.ask(set_profile{{}, erasable_text{"http://a"}, {}, {}})) == "bad_request");
  all.it.engine.reset();
  CHECK(problems_of(all.it.data.path()) == "");
}

TEST_CASE("a retry of a profile changes nothing, and other content is a conflict") {
  company all;
  set_profile first = named("Alice");
  first.client = client_id{"p1"};
  CHECK(code_of(all.alice.ask(set_profile{first})) == "ok");
  CHECK(code_of(all.alice.ask(named("Alicia"))) == "ok");
  for (int life = 0; life < 2; ++life) {
    client alice{all.it, "alice"};
    CHECK(code_of(alice.ask(set_profile{first})) == "ok");
    CHECK(alice.ask(get_profile{})["name"] == "Alicia");
    set_profile other = named("Ally");
    other.client = client_id{"p1"};
    CHECK(code_of(alice.ask(other)) == "conflict");
    all.it.restart();
  }
}

TEST_CASE("setting what is there already is no news") {
  company all;
  client phone{all.it, "alice", {}, "phone"};
  all.alice.ask(named("Alice"));
  const json before = all.alice.ask(get_profile{});
  phone.events();
  all.it.pass(5s);
  CHECK(code_of(all.alice.ask(named("Alice"))) == "ok");
  CHECK(all.alice.ask(get_profile{})["at"] == before["at"]);
  CHECK(profiles_among(phone.events()).empty());
}

TEST_CASE("one's other devices and those who watch are told of all of it") {
  company all;
  client phone{all.it, "alice", {}, "phone"};
  client carol{all.it, "carol"}; // shares the group later, and watches before
  for (auto* each : {&all.bob, &all.eve, &carol})
    each->ask(watch_users{{user_id{"alice"}}});
  all.alice.ask(named("Alice"));
  for (auto* each : {&all.alice, &phone, &all.bob, &all.eve, &carol})
    each->events();
  CHECK(code_of(all.alice.ask(set_profile{{}, {}, erasable_text{"hi"}, {}})) == "ok");
  for (auto* each : {&phone, &all.bob}) {
    const auto told = profiles_among(each->events());
    REQUIRE(told.size() == 1);
    CHECK(told[0]["user"] == "alice");
    CHECK(told[0]["name"] == "Alice");
    CHECK(told[0]["text"] == "hi");
    CHECK(told[0]["at"] > 0);
    CHECK_FALSE(told[0].contains("seq"));
  }
  for (auto* each : {&all.alice, &all.eve, &carol})
    CHECK(profiles_among(each->events()).empty());
  all.alice.ask(add_members{all.where, {user_id{"carol"}}, {}, {}});
  all.it.pass(5s);
  CHECK(profiles_among(carol.events()).empty()); // what is there is asked for
  all.alice.ask(named("Al"));
  CHECK(profiles_among(carol.events()).size() == 1);
  all.alice.ask(remove_member{all.where, user_id{"carol"}, {}});
  all.alice.ask(named("A"));
  all.it.pass(5s);
  CHECK(profiles_among(carol.events()).empty());
}

TEST_CASE("strangers and the blocked learn nothing, not even who exists") {
  company all;
  all.alice.ask(named("Alice"));
  const json nobody = all.eve.ask(of("nobody at all"));
  json stranger = all.eve.ask(of("alice"));
  CHECK(code_of(stranger) == "not_found");
  stranger["ref"] = nobody["ref"];
  CHECK(stranger == nobody);
  CHECK(code_of(all.bob.ask(of("alice"))) == "profile");
  all.bob.ask(watch_users{{user_id{"alice"}}});
  CHECK(code_of(all.alice.ask(block_user{user_id{"bob"}})) == "ok");
  CHECK(code_of(all.bob.ask(of("alice"))) == "not_found");
  all.bob.events();
  all.alice.ask(named("Secret"));
  all.it.pass(3s);
  CHECK(profiles_among(all.bob.events()).empty());
  CHECK(code_of(all.alice.ask(of("bob"))) == "profile"); // whom one has blocked one may see
  CHECK(code_of(all.alice.ask(unblock_user{user_id{"bob"}})) == "ok");
  CHECK(all.bob.ask(of("alice"))["name"] == "Secret");
}

TEST_CASE("several profiles come in one answer, without those that are not to be seen") {
  company all;
  all.alice.ask(named("Alice"));
  get_profile some;
  some.users = {user_id{"nobody"}, user_id{"alice"}, user_id{"eve"}, user_id{"bob"}};
  const json page = all.bob.ask(get_profile{some});
  CHECK(page["type"] == "profiles");
  REQUIRE(page["items"].size() == 2);
  CHECK(page["items"][0]["user"] == "alice");
  CHECK(page["items"][0]["name"] == "Alice");
  CHECK(page["items"][1] == json{{"user", "bob"}, {"at", 0}});
  some.user = user_id{"alice"};
  CHECK(code_of(all.bob.ask(get_profile{some})) == "bad_request");
  some.user.reset();
  some.users = std::vector<user_id>(limits::profiles_per_question + 1, user_id{"alice"});
  CHECK(code_of(all.bob.ask(get_profile{some})) == "too_large");
  some.users->pop_back();
  CHECK(all.bob.ask(get_profile{some})["items"].size() == 1);
  some.users->clear();
  CHECK(all.bob.ask(get_profile{some})["items"].empty());
}

TEST_CASE("a token's name fills a profile that there never was, and no other") {
  scene it;
  {
    client alice{it, "alice\nAlice L."};
    CHECK(alice.ask(get_profile{})["name"] == "Alice L.");
    CHECK(code_of(alice.ask(named(""))) == "ok");
  }
  it.restart();
  client alice{it, "alice\nAlice L."};
  const json shown = alice.ask(get_profile{});
  CHECK_FALSE(shown.contains("name")); // taken away is taken away
  CHECK(shown["at"] > 0);
  client bob{it, "bob"};
  CHECK(bob.ask(get_profile{})["at"] == 0);
}

} // namespace profiles_test
