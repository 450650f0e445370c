// What users keep of conversations for themselves, through the whole engine.

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace preferences_test {

using namespace std::chrono_literals;

/// Alice's group with Bob, who has two devices.
struct pair {
  scene it;
  client alice{it, "alice"};
  client phone{it, "bob", {}, "phone"};
  client laptop{it, "bob", {}, "laptop"};
  conversation_id where{make_group(alice, {user_id{"bob"}}).get<std::string>()};

  set_preferences wanting(preferences what) const { return {what, where, {}}; }
  static json listed(client& who, std::optional<bool> archived = {}) {
    list_conversations ask;
    ask.archived = archived;
    return who.ask(ask)["items"];
  }
  /// An hour from now, as the server's clock goes.
  std::uint64_t in_an_hour() {
    const std::chrono::milliseconds hour = 1h;
    return alice.post(where.str(), "what time is it?")["at"].get<std::uint64_t>() +
           static_cast<std::uint64_t>(hour.count());
  }
};

const preferences archived{true, {}, {}, {}};

TEST_CASE("what is set is told to the user's other devices and nobody else") {
  pair both;
  both.phone.events();
  both.laptop.events();
  both.alice.events();
  const json answer = both.phone.ask(both.wanting({{}, {}, true, notify_level::mentions}));
  CHECK(answer["type"] == "ok");
  CHECK_FALSE(answer.contains("seq"));
  const auto told = both.laptop.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0] == json{{"type", "settings"},
                        {"conversation", both.where.str()},
                        {"pinned", true},
                        {"notify", "mentions"}});
  CHECK(both.phone.events().empty());
  CHECK(both.alice.events().empty());
  for (int life = 0; life < 2; ++life) {
    client bob{both.it, "bob"};
    const json items = pair::listed(bob);
    REQUIRE(items.size() == 1);
    CHECK(items[0]["pinned"] == true);
    CHECK(items[0]["notify"] == "mentions");
    CHECK_FALSE(items[0].contains("archived"));
    client alice{both.it, "alice"};
    CHECK_FALSE(pair::listed(alice)[0].contains("pinned"));
    both.it.restart();
  }
}

TEST_CASE("an archived conversation is listed apart until somebody writes") {
  pair both;
  both.phone.ask(both.wanting(archived));
  CHECK(pair::listed(both.phone).empty());
  CHECK(pair::listed(both.phone, false).empty());
  REQUIRE(pair::listed(both.phone, true).size() == 1);
  CHECK(pair::listed(both.phone, true)[0]["archived"] == true);
  CHECK(pair::listed(both.alice).size() == 1);
  both.alice.post(both.where.str(), "a1");
  CHECK(pair::listed(both.phone).size() == 1);
  CHECK(pair::listed(both.phone, true).empty());
  both.phone.ask(both.wanting(archived));
  CHECK(pair::listed(both.phone).empty());
  both.phone.ask(both.wanting({false, {}, {}, {}}));
  CHECK(pair::listed(both.phone).size() == 1);
}

TEST_CASE("a muted conversation stays archived whoever writes") {
  pair both;
  const std::uint64_t until = both.in_an_hour();
  both.phone.ask(both.wanting({true, until, {}, {}}));
  both.alice.post(both.where.str(), "a1");
  CHECK(pair::listed(both.phone).empty());
  CHECK(pair::listed(both.phone, true)[0]["muted_until"] == until);
  both.phone.ask(both.wanting({{}, std::uint64_t{0}, {}, {}}));
  REQUIRE(pair::listed(both.phone).size() == 1);
  CHECK_FALSE(pair::listed(both.phone)[0].contains("muted_until"));
}

TEST_CASE("muting does not put away again what came back") {
  pair both;
  both.phone.ask(both.wanting(archived));
  const std::uint64_t until = both.in_an_hour(); // a message
  both.phone.ask(both.wanting({{}, until, {}, {}}));
  CHECK(pair::listed(both.phone).size() == 1);
}

TEST_CASE("a resume does not say archived of what came back") {
  pair both;
  const std::string cursor = both.laptop.greeting()["cursor"];
  both.laptop.close();
  both.phone.ask(both.wanting(archived));
  both.alice.post(both.where.str(), "a1");
  client laptop{both.it, "bob", cursor, "laptop"};
  std::vector<json> told;
  for (const auto& each : laptop.events())
    if (each["type"] == "settings")
      told.push_back(each);
  REQUIRE(told.size() == 1);
  CHECK(told[0]["archived"] == false);
}

TEST_CASE("who was away is told what was set meanwhile") {
  pair both;
  const std::string cursor = both.laptop.greeting()["cursor"];
  both.laptop.close();
  both.phone.ask(both.wanting({{}, {}, true, {}}));
  both.phone.ask(both.wanting({{}, {}, {}, notify_level::none}));
  client laptop{both.it, "bob", cursor, "laptop"};
  json last;
  for (const auto& each : laptop.events())
    if (each["type"] == "settings")
      last = each;
  CHECK(last["pinned"] == true);
  CHECK(last["notify"] == "none");
}

TEST_CASE("a retry changes nothing twice, nothing at all is refused, and strangers keep nothing") {
  pair both;
  set_preferences first = both.wanting(archived);
  first.client = client_id{"s1"};
  CHECK(both.phone.ask(first)["type"] == "ok");
  both.phone.ask(both.wanting({false, {}, {}, {}}));
  const json again = both.phone.ask(first);
  CHECK(again["type"] == "ok");
  CHECK_FALSE(again.contains("seq"));
  CHECK(pair::listed(both.phone).size() == 1);
  CHECK(both.phone.ask(both.wanting({}))["code"] == "bad_request");
  client mallory{both.it, "mallory"};
  CHECK(mallory.ask(both.wanting(archived))["code"] == "not_found");
}

TEST_CASE("who leaves keeps nothing of it") {
  pair both;
  both.phone.ask(both.wanting({{}, {}, true, {}}));
  both.phone.ask(leave{both.where, {}});
  both.alice.ask(add_members{both.where, {user_id{"bob"}}, {}, {}});
  CHECK_FALSE(pair::listed(both.phone)[0].contains("pinned"));
  both.it.engine.reset();
  CHECK(problems_of(both.it.data.path()) == "");
}

std::vector<json> of_type(client& who, const std::string& type) {
  std::vector<json> found;
  for (const auto& each : who.events())
    if (each["type"] == type)
      found.push_back(each);
  return found;
}

set_notifications switched(std::optional<bool> typing, std::optional<bool> last_seen) {
  set_notifications what;
  what.typing = typing;
  what.last_seen = last_seen;
  return what;
}

TEST_CASE("whoever lets nobody know that they type is answered and not shown") {
  pair both;
  const json first = both.phone.ask(get_notification_settings{});
  CHECK(first["typing"] == true);
  CHECK(first["last_seen"] == true);
  both.phone.ask(set_typing{both.where, true});
  CHECK(of_type(both.alice, "typing").size() == 1);
  both.laptop.events();
  CHECK(both.phone.ask(switched(false, {}))["type"] == "ok");
  const auto told = of_type(both.laptop, "preferences");
  REQUIRE(told.size() == 1);
  CHECK(told[0] == json{{"type", "preferences"}, {"typing", false}});
  both.it.pass(1s); // what was shown before ends
  const auto ended = of_type(both.alice, "typing");
  REQUIRE(ended.size() == 1);
  CHECK(ended[0]["active"] == false);
  for (int life = 0; life < 2; ++life) {
    client alice{both.it, "alice"};
    client bob{both.it, "bob"};
    CHECK(bob.ask(set_typing{both.where, true})["type"] == "ok");
    CHECK(bob.ask(set_typing{both.where, false})["type"] == "ok");
    CHECK(of_type(alice, "typing").empty());
    CHECK(bob.ask(get_notification_settings{})["typing"] == false);
    both.it.restart();
  }
  client alice{both.it, "alice"};
  client bob{both.it, "bob"};
  CHECK(bob.ask(switched(true, {}))["type"] == "ok");
  CHECK(bob.ask(set_typing{both.where, true})["type"] == "ok");
  CHECK(of_type(alice, "typing").size() == 1);
}

/// In short steps, as time passes.
void wait(scene& in, std::chrono::milliseconds time) {
  for (; time > 0ms; time -= 100ms)
    in.pass(100ms);
}

TEST_CASE("whoever does not show when they were seen last is offline and no more") {
  pair both;
  both.alice.ask(watch_users{{user_id{"bob"}}});
  both.phone.close();
  both.laptop.close();
  wait(both.it, limits::presence_grace + 1s);
  CHECK(of_type(both.alice, "presence").back().contains("last_seen"));
  for (int life = 0; life < 2; ++life) {
    client alice{both.it, "alice"};
    alice.ask(watch_users{{user_id{"bob"}}});
    client bob{both.it, "bob"};
    wait(both.it, 1s);
    CHECK(of_type(alice, "presence").back()["status"] == "online");
    if (life == 0)
      CHECK(bob.ask(switched({}, false))["type"] == "ok");
    CHECK(bob.ask(get_notification_settings{})["last_seen"] == false);
    bob.close();
    wait(both.it, limits::presence_grace + 1s);
    CHECK(of_type(alice, "presence").back() ==
          json{{"type", "presence"}, {"user", "bob"}, {"status", "offline"}});
    both.it.restart();
  }
  client alice{both.it, "alice"};
  client bob{both.it, "bob"};
  alice.ask(watch_users{{user_id{"bob"}}});
  bob.ask(set_presence{presence_status::invisible, {}});
  wait(both.it, 1s);
  CHECK_FALSE(of_type(alice, "presence").back().contains("last_seen"));
  CHECK(bob.ask(switched({}, true))["type"] == "ok"); // holds at once, for what was before, too
  wait(both.it, 1s);
  CHECK(of_type(alice, "presence").back().contains("last_seen"));
}

preferences hiding(bool hides) {
  preferences what;
  what.hidden = hides;
  return what;
}

json hidden_of(client& who, std::optional<bool> put_away = {}) {
  list_conversations ask;
  ask.hidden = true;
  ask.archived = put_away;
  return who.ask(std::move(ask))["items"];
}

TEST_CASE("a hidden conversation is on no list and in no sum until somebody writes") {
  pair both;
  both.alice.post(both.where.str(), "a0");
  both.laptop.events();
  both.alice.events();
  const json answer = both.phone.ask(both.wanting(hiding(true)));
  CHECK(answer["type"] == "ok");
  const auto told = both.laptop.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0] ==
        json{{"type", "settings"}, {"conversation", both.where.str()}, {"hidden", true}});
  CHECK(both.alice.events().empty());
  for (int life = 0; life < 2; ++life) {
    client bob{both.it, "bob"};
    CHECK(pair::listed(bob).empty());
    CHECK(pair::listed(bob, true).empty());
    list_conversations unread;
    unread.unread = true;
    CHECK(bob.ask(std::move(unread))["items"].empty());
    CHECK(bob.ask(get_totals{})["unread"] == 0);
    REQUIRE(hidden_of(bob).size() == 1);
    CHECK(hidden_of(bob)[0]["hidden"] == true);
    CHECK(hidden_of(bob)[0]["unread"] == 1);
    client alice{both.it, "alice"};
    CHECK(pair::listed(alice).size() == 1);
    CHECK(hidden_of(alice).empty());
    both.it.restart();
  }
  client alice{both.it, "alice"};
  client bob{both.it, "bob"};
  alice.post(both.where.str(), "a1");
  REQUIRE(pair::listed(bob).size() == 1);
  CHECK_FALSE(pair::listed(bob)[0].contains("hidden"));
  CHECK(hidden_of(bob).empty());
  CHECK(bob.ask(get_totals{})["unread"] == 2);
  CHECK(bob.ask(get_totals{})["archived"]["unread"] == 0);
  bob.ask(both.wanting(archived));
  const json away = bob.ask(get_totals{});
  CHECK(away["unread"] == 0);
  CHECK(away["archived"] == json{{"conversations", 1}, {"unread", 2}, {"mentions", 0}});
  bob.ask(both.wanting(hiding(true)));
  CHECK(bob.ask(get_totals{})["archived"]["unread"] == 0);
  bob.ask(both.wanting(preferences{false, {}, {}, {}}));
  CHECK(pair::listed(bob).empty());
  bob.ask(both.wanting(hiding(false)));
  CHECK(pair::listed(bob).size() == 1);
  both.it.engine.reset();
  std::ostringstream out;
  CHECK(check(both.it.data.path(), out) == 0);
}

TEST_CASE("what is hidden and archived is found as hidden, and muting keeps it out of sight") {
  pair both;
  const std::uint64_t until = both.in_an_hour();
  preferences all = hiding(true);
  all.archived = true;
  all.muted_until = until;
  both.phone.ask(both.wanting(all));
  both.alice.post(both.where.str(), "a1");
  CHECK(pair::listed(both.phone).empty());
  CHECK(pair::listed(both.phone, true).empty());
  REQUIRE(hidden_of(both.phone).size() == 1);
  CHECK(hidden_of(both.phone)[0]["archived"] == true);
  CHECK(hidden_of(both.phone, true).size() == 1);
  CHECK(hidden_of(both.phone, false).empty());
  preferences unmuted;
  unmuted.muted_until = 0;
  both.phone.ask(both.wanting(unmuted));
  CHECK(pair::listed(both.phone).size() == 1);
  both.phone.ask(both.wanting(all));
  both.phone.ask(both.wanting(hiding(false)));
  CHECK(pair::listed(both.phone, true).size() == 1); // it is archived still
}

TEST_CASE("a resume tells what was hidden meanwhile, and not of what came back") {
  const bool comes_back = GENERATE(true, false);
  pair both;
  const std::string cursor = both.laptop.greeting()["cursor"];
  both.laptop.close();
  both.phone.ask(both.wanting(hiding(true)));
  if (comes_back)
    both.alice.post(both.where.str(), "a1");
  client laptop{both.it, "bob", cursor, "laptop"};
  const auto told = of_type(laptop, "settings");
  REQUIRE(told.size() == 1);
  CHECK(told[0]["hidden"] == !comes_back);
}

TEST_CASE("hiding again under the same client_id changes nothing, showing is another command") {
  pair both;
  set_preferences first = both.wanting(hiding(true));
  first.client = client_id{"h1"};
  CHECK(both.phone.ask(first)["type"] == "ok");
  both.phone.ask(both.wanting(hiding(false)));
  CHECK(both.phone.ask(first)["type"] == "ok");
  CHECK(pair::listed(both.phone).size() == 1);
  set_preferences other = both.wanting(hiding(false));
  other.client = client_id{"h1"};
  CHECK(both.phone.ask(other)["code"] == "conflict");
}

} // namespace preferences_test
