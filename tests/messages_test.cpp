// What becomes of messages that were sent: edits, deletion, reactions, through the whole engine.
#include <algorithm>
#include <map>
#include <set>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace messages_test {

/// Alice's group with Bob and Carol.
struct crew {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  client carol{it, "carol"};
  conversation_id where{make_group(alice, {user_id{"bob"}, user_id{"carol"}}).get<std::string>()};

  json post(client& who, const std::string& id, std::vector<user_id> mentions = {}) {
    send_message what{where, client_id{id}, "body of " + id};
    if (!mentions.empty())
      what.mentions = std::move(mentions);
    return who.ask(std::move(what));
  }
  json edit(client& who, std::uint64_t message, const std::string& body) {
    return who.ask(edit_message{where, message, body});
  }
  json remove(client& who, std::uint64_t message) {
    return who.ask(erase{where, message, audience::everyone});
  }
  json react_to(client& who, std::uint64_t message, const std::string& emoji,
                bool taken_back = false) {
    return who.ask(react{where, message, emoji, taken_back});
  }
  /// What history says of a number now.
  json shown(client& who, std::uint64_t seq) {
    return who.ask(history{where, {}, seq - 1, {}, 1})["events"][0];
  }
  /// The same as `sync` has it: as it was delivered.
  json delivered(client& who, std::uint64_t seq) {
    return who.ask(sync_events{where, seq - 1, 1})["events"][0];
  }
  json counts(client& who) {
    const json item = who.ask(list_conversations{})["items"][0];
    return {item["unread"], item["mentions"]};
  }
  /// What `parleyd check` says; the engine is gone then.
  std::string checked() {
    it.engine.reset();
    return check_of(it.data.path()).text;
  }
};

TEST_CASE("an edit is an event to all, and history shows the newest body") {
  crew all;
  const std::uint64_t message = all.post(all.bob, "b1")["seq"];
  all.alice.events();
  const json answer = all.edit(all.bob, message, "better");
  CHECK(answer["seq"] == message + 1);
  const auto told = all.alice.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["type"] == "edited");
  CHECK(told[0]["seq"] == answer["seq"]);
  CHECK(told[0]["message"] == message);
  CHECK(told[0]["body"] == "better");
  CHECK(told[0]["by"] == "bob");
  all.edit(all.bob, message, "best");
  for (int life = 0; life < 2; ++life) {
    client carol{all.it, "carol"};
    const json shown = all.shown(carol, message);
    CHECK(shown["body"] == "best");
    CHECK(shown["edits"] == 2);
    CHECK(shown["edited_at"].is_number());
    CHECK(shown["client_id"] == "b1");
    CHECK(all.delivered(carol, message)["body"] == "body of b1");
    CHECK(all.shown(carol, message + 1)["type"] == "edited");
    CHECK(carol.ask(list_conversations{})["items"][0]["last"]["body"] == "best");
    all.it.restart();
  }
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("only the author edits, only a message, and not for ever") {
  crew all;
  const std::uint64_t message = all.post(all.bob, "b1")["seq"];
  CHECK(code_of(all.edit(all.alice, message, "x")) == "forbidden");
  CHECK(code_of(all.edit(all.bob, 1, "x")) == "not_found"); // the event `joined`
  CHECK(code_of(all.edit(all.bob, 0, "x")) == "not_found");
  CHECK(code_of(all.edit(all.bob, message + 1, "x")) == "not_found");
  client mallory{all.it, "mallory"};
  CHECK(code_of(all.edit(mallory, message, "x")) == "not_found");
  all.it.pass(limits::edit_window + std::chrono::minutes{1});
  client bob{all.it, "bob"};
  CHECK(code_of(all.edit(bob, message, "x")) == "forbidden");
  CHECK(all.shown(bob, message)["body"] == "body of b1");
}

TEST_CASE("edits of one message are bounded") {
  crew all;
  const std::uint64_t message = all.post(all.bob, "b1")["seq"];
  for (std::size_t i = 0; i < limits::edits_per_message; ++i)
    REQUIRE(code_of(all.edit(all.bob, message, std::to_string(i))) == "ok");
  CHECK(code_of(all.edit(all.bob, message, "one more")) == "too_large");
  CHECK(code_of(all.remove(all.bob, message)) == "ok");
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("a retry of an edit has no second effect, and other content is a conflict") {
  crew all;
  const std::uint64_t message = all.post(all.bob, "b1")["seq"];
  const edit_message first{all.where, message, "better", {}, client_id{"e1"}};
  const json answer = all.bob.ask(first);
  CHECK(all.bob.ask(first)["seq"] == answer["seq"]);
  all.it.restart();
  client bob{all.it, "bob"};
  CHECK(bob.ask(first)["seq"] == answer["seq"]);
  CHECK(code_of(bob.ask(edit_message{all.where, message, "other", {}, client_id{"e1"}})) ==
        "conflict");
  CHECK(all.shown(bob, message)["edits"] == 1);
}

TEST_CASE("a message deleted for everyone leaves a tombstone, and so do its edits") {
  crew all;
  const std::uint64_t message = all.post(all.bob, "b1")["seq"];
  const std::uint64_t edit = all.edit(all.bob, message, "secret")["seq"];
  all.react_to(all.carol, message, "+1");
  all.carol.events();
  const json answer = all.remove(all.bob, message);
  CHECK(answer["type"] == "ok");
  const auto told = all.carol.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["type"] == "deleted");
  CHECK(told[0]["message"] == message);
  CHECK(told[0]["by"] == "bob");
  CHECK(told[0]["seq"] == answer["seq"]);
  for (int life = 0; life < 2; ++life) {
    client carol{all.it, "carol"};
    for (const json& gone : {all.shown(carol, message), all.delivered(carol, message)}) {
      CHECK(gone["type"] == "message");
      CHECK(gone["seq"] == message);
      CHECK(gone["from"] == "bob");
      CHECK(gone["deleted"] == true);
      CHECK_FALSE(gone.contains("body"));
      CHECK_FALSE(gone.contains("reactions"));
    }
    const json edited = all.delivered(carol, edit);
    CHECK(edited["type"] == "edited");
    CHECK(edited["deleted"] == true);
    CHECK_FALSE(edited.contains("body"));
    CHECK(code_of(all.edit(carol, message, "x")) == "not_found");
    CHECK(code_of(all.react_to(carol, message, "+1")) == "not_found");
    all.it.restart();
  }
  client bob{all.it, "bob"};
  CHECK(code_of(all.remove(bob, message)) == "ok"); // gone already
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("who may delete whose message, and for whom") {
  crew all;
  const std::uint64_t of_bob = all.post(all.bob, "b1")["seq"];
  const std::uint64_t of_alice = all.post(all.alice, "a1")["seq"];
  CHECK(code_of(all.remove(all.carol, of_bob)) == "forbidden");
  CHECK(code_of(all.remove(all.bob, of_alice)) == "forbidden");
  CHECK(code_of(all.bob.ask(erase{all.where, of_bob})) == "bad_request");
  CHECK(code_of(all.remove(all.bob, 1)) == "not_found");
  client mallory{all.it, "mallory"};
  CHECK(code_of(all.remove(mallory, of_bob)) == "not_found");
  all.it.pass(limits::erase_window + std::chrono::minutes{1});
  client bob{all.it, "bob"};
  client alice{all.it, "alice"};
  CHECK(code_of(all.remove(bob, of_bob)) == "forbidden");
  CHECK(code_of(all.remove(alice, of_bob)) == "ok"); // the owner always may
}

TEST_CASE("in a direct conversation only the author deletes") {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  const json made = alice.ask(create{conversation_kind::direct, user_id{"bob"}, {}, {}, {}});
  const conversation_id where{made["conversation"].get<std::string>()};
  const std::uint64_t of_bob = bob.post(where.str(), "b1")["seq"];
  CHECK(code_of(alice.ask(erase{where, of_bob, audience::everyone})) == "forbidden");
  CHECK(code_of(bob.ask(erase{where, of_bob, audience::everyone})) == "ok");
}

TEST_CASE("reactions are counted by kind, one of each by everyone") {
  crew all;
  const std::uint64_t message = all.post(all.alice, "a1")["seq"];
  all.alice.events();
  CHECK(code_of(all.react_to(all.bob, message, "+1")) == "ok");
  const auto told = all.alice.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["type"] == "reaction");
  CHECK(told[0]["message"] == message);
  CHECK(told[0]["user"] == "bob");
  CHECK(told[0]["emoji"] == "+1");
  CHECK_FALSE(told[0].contains("removed"));
  CHECK(code_of(all.react_to(all.bob, message, "+1")) == "ok"); // is there already
  CHECK(all.alice.events().empty());
  all.react_to(all.carol, message, "+1");
  all.react_to(all.carol, message, "heart");
  for (int life = 0; life < 2; ++life) {
    client bob{all.it, "bob"};
    CHECK(all.shown(bob, message)["reactions"] ==
          json{{"+1", {{"count", 2}, {"mine", true}}}, {"heart", {{"count", 1}, {"mine", false}}}});
    CHECK_FALSE(all.delivered(bob, message).contains("reactions"));
    all.it.restart();
  }
  client bob{all.it, "bob"};
  client carol{all.it, "carol"};
  all.react_to(bob, message, "+1", true);
  carol.events();
  all.react_to(carol, message, "heart", true);
  CHECK(carol.events().back()["removed"] == true);
  all.react_to(bob, message, "heart", true); // never was there
  CHECK(all.shown(bob, message)["reactions"] == json{{"+1", {{"count", 1}, {"mine", false}}}});
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("different reactions to one message are bounded") {
  crew all;
  const std::uint64_t message = all.post(all.alice, "a1")["seq"];
  for (std::size_t i = 0; i < limits::emojis_per_message; ++i)
    REQUIRE(code_of(all.react_to(all.bob, message, "e" + std::to_string(i))) == "ok");
  CHECK(code_of(all.react_to(all.bob, message, "one more")) == "too_large");
  CHECK(code_of(all.react_to(all.carol, message, "e0")) == "ok");
  CHECK(code_of(all.react_to(all.bob, 1, "e0")) == "not_found");
}

TEST_CASE("mentions follow edits, and what is deleted is not unread") {
  crew all;
  const std::uint64_t first = all.post(all.alice, "a1", {user_id{"bob"}})["seq"];
  const std::uint64_t second = all.post(all.alice, "a2")["seq"];
  CHECK(all.counts(all.bob) == json{2, 1});
  CHECK(all.counts(all.carol) == json{2, 0});
  all.alice.ask(edit_message{all.where, first, "x", std::vector{user_id{"carol"}}});
  CHECK(all.counts(all.bob) == json{2, 0});
  CHECK(all.counts(all.carol) == json{2, 1});
  all.edit(all.alice, first, "y"); // without `mentions` they stay
  CHECK(all.counts(all.carol) == json{2, 1});
  all.alice.ask(edit_message{all.where, second, "x", std::vector{user_id{"@all"}}});
  CHECK(all.counts(all.bob) == json{2, 1});
  CHECK(all.counts(all.carol) == json{2, 2});
  CHECK(all.counts(all.alice) == json{0, 0});
  all.remove(all.alice, first);
  CHECK(all.counts(all.bob) == json{1, 1});
  CHECK(all.counts(all.carol) == json{1, 1});
  all.bob.ask(mark_read{all.where, second});
  CHECK(all.counts(all.bob) == json{0, 0});
  all.remove(all.alice, second);
  CHECK(all.counts(all.bob) == json{0, 0});
  CHECK(all.counts(all.carol) == json{0, 0});
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("mentions are shown as they were sent, whatever was edited") {
  crew all;
  const std::uint64_t message =
      all.post(all.alice, "a1", {user_id{"@here"}, user_id{"bob"}})["seq"];
  all.edit(all.alice, message, "x");
  CHECK(all.shown(all.bob, message)["mentions"] == json{"@here", "bob"});
  all.alice.ask(edit_message{all.where, message, "y", std::vector{user_id{"@here"}}});
  all.edit(all.alice, message, "z");
  CHECK(all.shown(all.bob, message)["mentions"] == json::array({"@here"}));
  all.alice.ask(edit_message{all.where, message, "y", std::vector<user_id>{}});
  CHECK_FALSE(all.shown(all.bob, message).contains("mentions"));
}

TEST_CASE("a deletion names a message and for whom, or it is nothing") {
  crew all;
  CHECK(code_of(all.alice.ask(erase{all.where, {}, audience::everyone})) == "bad_request");
  CHECK(code_of(all.alice.ask(erase{all.where, {}, audience::me})) == "bad_request");
  CHECK(code_of(all.alice.ask(get_conversation{all.where})) == "conversation");
}

TEST_CASE("reactions of a message that was erased go by and by") {
  crew all;
  const std::uint64_t message = all.post(all.alice, "a1")["seq"];
  all.react_to(all.bob, message, "+1");
  all.react_to(all.carol, message, "+1");
  all.remove(all.alice, message);
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("what is deleted for oneself is gone for oneself alone") {
  crew all;
  const std::uint64_t first = all.post(all.alice, "a1")["seq"];
  const std::uint64_t second = all.post(all.alice, "a2", {user_id{"bob"}})["seq"];
  client laptop{all.it, "bob", {}, "laptop"};
  const std::string cursor = laptop.greeting()["cursor"];
  all.carol.events();
  const erase for_me{all.where, second, audience::me, client_id{"h1"}};
  const json answer = all.bob.ask(for_me);
  CHECK(answer["type"] == "ok");
  CHECK_FALSE(answer.contains("seq"));
  const auto told = laptop.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0] ==
        json{{"type", "hidden"}, {"conversation", all.where.str()}, {"message", second}});
  CHECK(all.carol.events().empty());
  CHECK_FALSE(all.bob.ask(for_me).contains("seq"));
  laptop.close();
  for (int life = 0; life < 2; ++life) {
    client bob{all.it, "bob"};
    client carol{all.it, "carol"};
    const json page = bob.ask(history{all.where, {}, {}, {}, {}});
    CHECK(page["events"].back()["seq"] == first);
    CHECK(page["more"] == false);
    CHECK(all.delivered(bob, second)["body"] == "body of a2");
    CHECK(all.shown(carol, second)["body"] == "body of a2");
    CHECK(bob.ask(list_conversations{})["items"][0]["last"]["seq"] == first);
    CHECK(all.counts(bob) == json{1, 0});
    CHECK(all.counts(carol) == json{2, 0});
    client back{all.it, "bob", cursor, "laptop"};
    const auto missed = back.events();
    CHECK(std::count_if(missed.begin(), missed.end(),
                        [](const json& each) { return each["type"] == "hidden"; }) == 1);
    all.it.restart();
  }
  client alice{all.it, "alice"};
  client bob{all.it, "bob"};
  CHECK(code_of(bob.ask(erase{all.where, second, audience::me})) == "ok"); // is already
  alice.ask(edit_message{all.where, second, "x", std::vector{user_id{"@all"}}});
  CHECK(all.counts(bob) == json{1, 0});
  all.remove(alice, second);
  CHECK(all.counts(bob) == json{1, 0});
  client mallory{all.it, "mallory"};
  CHECK(code_of(mallory.ask(erase{all.where, second, audience::me})) == "not_found");
  CHECK(code_of(bob.ask(erase{all.where, 1, audience::me})) == "not_found");
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("who was away gets the tombstone, not what was deleted") {
  crew all;
  const std::string cursor = all.bob.greeting()["cursor"];
  all.bob.close();
  const std::uint64_t message = all.post(all.alice, "a1")["seq"];
  all.remove(all.alice, message);
  client bob{all.it, "bob", cursor};
  json seen;
  for (const auto& each : bob.events()) {
    CHECK(each.dump().find("body of a1") == std::string::npos);
    if (each["type"] == "message")
      seen = each;
  }
  CHECK(seen["deleted"] == true);
}

TEST_CASE("unread is exact whatever becomes of messages") {
  struct message {
    std::string from;
    std::set<std::string> mentions;
    bool erased = false;
    std::set<std::string> hidden_from = {};
  };
  crew all;
  std::map<std::string, client*> clients{
      {"alice", &all.alice}, {"bob", &all.bob}, {"carol", &all.carol}};
  std::map<std::string, std::uint64_t> read;
  std::map<std::uint64_t, message> messages;
  random_source random{11};
  const std::vector<std::string> users{"alice", "bob", "carol"};
  const std::vector<std::string> mentionable{"alice", "bob", "carol", "@all"};
  const auto any = [&](const auto& from) { return from[random() % from.size()]; };
  std::uint64_t head = 1;
  for (int step = 0; step < 400; ++step) {
    const std::string who = any(users);
    std::vector<user_id> mentions;
    if (random() % 2 == 0)
      mentions.emplace_back(any(mentionable));
    std::set<std::string> named;
    for (const auto& each : mentions)
      named.insert(each.str());
    const auto kind = random() % 10;
    if (kind < 5 || messages.empty()) {
      head = all.post(*clients[who], "m" + std::to_string(step), mentions)["seq"];
      messages[head] = {who, named};
    } else if (kind < 6) {
      auto chosen =
          std::next(messages.begin(), static_cast<std::ptrdiff_t>(random() % messages.size()));
      REQUIRE(code_of(clients[who]->ask(erase{all.where, chosen->first, audience::me})) == "ok");
      chosen->second.hidden_from.insert(who);
    } else if (kind < 8) {
      auto chosen =
          std::next(messages.begin(), static_cast<std::ptrdiff_t>(random() % messages.size()));
      auto& [seq, it] = *chosen;
      const bool erases = kind == 7;
      const json answer =
          erases ? all.remove(*clients[it.from], seq)
                 : clients[it.from]->ask(edit_message{all.where, seq, "new", mentions});
      if (!it.erased) {
        REQUIRE(answer["type"] == "ok");
        head = answer["seq"];
        it.erased = erases;
        it.mentions = erases ? std::set<std::string>{} : named;
      }
    } else {
      const std::uint64_t up_to = 1 + random() % head;
      clients[who]->ask(mark_read{all.where, up_to});
      read[who] = std::max(read[who], up_to);
    }
    if (step % 7 != 0)
      continue;
    for (const auto& user : users) {
      std::uint64_t unread = 0;
      std::uint64_t mentioned = 0;
      for (const auto& [seq, each] : messages)
        if (each.from != user && !each.erased && !each.hidden_from.contains(user) &&
            seq > read[user]) {
          ++unread;
          mentioned += each.mentions.contains(user) || each.mentions.contains("@all") ? 1 : 0;
        }
      CAPTURE(step, user);
      REQUIRE(all.counts(*clients[user]) == json{unread, mentioned});
    }
  }
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("a window is said as people say it") {
  using namespace std::chrono_literals;
  CHECK(in_words(1s) == "1 second");
  CHECK(in_words(90s) == "90 seconds");
  CHECK(in_words(1min) == "1 minute");
  CHECK(in_words(15min) == "15 minutes");
  CHECK(in_words(24h) == "24 hours");
  CHECK(in_words(48h) == "2 days");
  CHECK(in_words(25h) == "25 hours");
}

TEST_CASE("the operator settles how long authors may edit and delete") {
  using namespace std::chrono_literals;
  crew all;
  all.it.windows = {15min, 1h};
  all.it.restart();
  client alice{all.it, "alice"};
  client bob{all.it, "bob"};
  CHECK(bob.greeting()["limits"]["edit_ms"] == 900'000);
  CHECK(bob.greeting()["limits"]["delete_ms"] == 3'600'000);
  const std::uint64_t message = all.post(bob, "b1")["seq"];
  all.it.pass(14min);
  client later{all.it, "bob"};
  CHECK(code_of(all.edit(later, message, "x")) == "ok");
  all.it.pass(2min);
  client late{all.it, "bob"};
  const json refused = all.edit(late, message, "y");
  CHECK(code_of(refused) == "forbidden");
  CHECK(refused["message"] ==
        "the message is older than 15 minutes and may not be edited any more");
  all.it.pass(1h);
  client too_late{all.it, "bob"};
  const json kept = all.remove(too_late, message);
  CHECK(code_of(kept) == "forbidden");
  CHECK(kept["message"] == "the message is older than 1 hour and may not be deleted any more");
}

TEST_CASE("a window of 0 has no end") {
  crew all;
  all.it.windows = {std::chrono::seconds{0}, std::chrono::seconds{0}};
  all.it.restart();
  client bob{all.it, "bob"};
  CHECK(bob.greeting()["limits"]["edit_ms"] == 0);
  const std::uint64_t message = all.post(bob, "b1")["seq"];
  all.it.pass(std::chrono::hours{24 * 400});
  client late{all.it, "bob"};
  CHECK(code_of(all.edit(late, message, "x")) == "ok");
  CHECK(code_of(all.remove(late, message)) == "ok");
}

} // namespace messages_test
