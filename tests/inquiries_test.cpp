// Questions about one message: what it said over time, who reacted, what it answers.
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace inquiries_test {

/// Alice's group with Bob.
struct pair_of_friends {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  conversation_id where{make_group(alice, {user_id{"bob"}}).get<std::string>()};

  std::uint64_t post(client& who, const std::string& id, std::optional<std::uint64_t> reply = {}) {
    send_message what{where, client_id{id}, "body of " + id};
    what.reply_to = reply;
    return who.ask(std::move(what))["seq"];
  }
  json shown(client& who, std::uint64_t seq) {
    return who.ask(history{where, {}, seq - 1, {}, 1})["events"][0];
  }
  void remove(client& who, std::uint64_t message, audience whom) {
    who.ask(erase{where, message, whom});
  }
};

TEST_CASE("all that a message said can be read, page by page") {
  pair_of_friends all;
  const auto message = all.post(all.alice, "a1");
  for (int i = 1; i <= 4; ++i)
    all.alice.ask(edit_message{all.where, message, "edit " + std::to_string(i)});
  for (int life = 0; life < 2; ++life) {
    client bob{all.it, "bob"};
    std::vector<std::string> bodies;
    std::vector<std::uint64_t> numbers;
    get_versions asked{all.where, message, 2};
    for (int pages = 1;; ++pages) {
      const json page = bob.ask(get_versions{asked});
      CHECK(page["type"] == "versions");
      CHECK(page["message"] == message);
      for (const auto& each : page["items"]) {
        bodies.push_back(each["body"]);
        numbers.push_back(each["seq"]);
        CHECK(each["by"] == "alice");
        CHECK(each["at"].is_number());
      }
      if (!page.contains("cursor")) {
        CHECK(pages == 3);
        break;
      }
      asked.cursor = page["cursor"];
    }
    CHECK(bodies == std::vector<std::string>{"body of a1", "edit 1", "edit 2", "edit 3", "edit 4"});
    CHECK(numbers ==
          std::vector<std::uint64_t>{message, message + 1, message + 2, message + 3, message + 4});
    all.it.restart();
  }
}

TEST_CASE("long versions come in pages that a session can take") {
  pair_of_friends all;
  const auto message = all.post(all.alice, "a1");
  for (int i = 0; i < 12; ++i)
    all.alice.ask(edit_message{all.where, message,
                               std::string(limits::body_bytes, static_cast<char>('a' + i))});
  std::size_t items = 0;
  get_versions asked{all.where, message};
  for (;;) {
    const json page = all.bob.ask(get_versions{asked});
    CHECK(page.dump().size() < limits::page_bytes + limits::body_bytes);
    items += page["items"].size();
    if (!page.contains("cursor"))
      break;
    asked.cursor = page["cursor"];
  }
  CHECK(items == 13);
}

TEST_CASE("who reacted can be read, by emoji and user, page by page") {
  pair_of_friends all;
  const auto message = all.post(all.alice, "a1");
  for (const auto* emoji : {"b", "a", "c"})
    all.bob.ask(react{all.where, message, emoji});
  all.alice.ask(react{all.where, message, "b"});
  all.bob.ask(react{all.where, message, "c", true});
  const auto read = [&](get_reactions asked) {
    std::string text;
    for (;;) {
      const json page = all.bob.ask(get_reactions{asked});
      for (const auto& each : page["items"])
        text += each["emoji"].get<std::string>() + " " + each["user"].get<std::string>() + "; ";
      if (!page.contains("cursor"))
        return text;
      asked.cursor = page["cursor"];
    }
  };
  CHECK(read({all.where, message}) == "a bob; b alice; b bob; ");
  CHECK(read({all.where, message, {}, 1}) == "a bob; b alice; b bob; ");
  CHECK(read({all.where, message, "b"}) == "b alice; b bob; ");
  CHECK(read({all.where, message, "b", 1}) == "b alice; b bob; ");
  CHECK(read({all.where, message, "nothing"}).empty());
}

TEST_CASE("what is deleted, hidden, elsewhere or no message has no versions and no reactions") {
  pair_of_friends all;
  const auto gone = all.post(all.alice, "a1");
  const auto out_of_sight = all.post(all.alice, "a2");
  all.bob.ask(react{all.where, gone, "x"});
  all.remove(all.alice, gone, audience::everyone);
  all.remove(all.bob, out_of_sight, audience::me);
  client mallory{all.it, "mallory"};
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{1}, gone, out_of_sight, std::uint64_t{1000}}) {
    INFO(number);
    CHECK(code_of(all.bob.ask(get_versions{all.where, number})) == "not_found");
    CHECK(code_of(all.bob.ask(get_reactions{all.where, number})) == "not_found");
  }
  CHECK(code_of(all.alice.ask(get_versions{all.where, out_of_sight})) == "versions");
  CHECK(code_of(mallory.ask(get_versions{all.where, out_of_sight})) == "not_found");
  CHECK(code_of(mallory.ask(get_reactions{all.where, out_of_sight})) == "not_found");
  CHECK(code_of(all.alice.ask(get_versions{all.where, out_of_sight, {}, "x"})) == "bad_request");
}

TEST_CASE("history shows what a message answers, as it is now") {
  pair_of_friends all;
  const auto parent = all.post(all.alice, "a1");
  const auto reply = all.post(all.bob, "b1", parent);
  CHECK(all.shown(all.alice, reply)["reply"] ==
        json{{"message", parent}, {"from", "alice"}, {"body", "body of a1"}});
  all.alice.ask(edit_message{all.where, parent, "newer"});
  CHECK(all.shown(all.alice, reply)["reply"]["body"] == "newer");
  all.alice.ask(edit_message{all.where, parent, std::string(200, 'x') + "é"});
  CHECK(all.shown(all.alice, reply)["reply"]["body"] == std::string(160, 'x') + "…");
  all.remove(all.bob, parent, audience::me);
  CHECK_FALSE(all.shown(all.bob, reply).contains("reply"));
  CHECK(all.shown(all.alice, reply).contains("reply"));
  all.remove(all.alice, parent, audience::everyone);
  for (int life = 0; life < 2; ++life) {
    client alice{all.it, "alice"};
    CHECK(all.shown(alice, reply)["reply"] ==
          json{{"message", parent}, {"from", "alice"}, {"deleted", true}});
    CHECK(all.shown(alice, reply)["body"] == "body of b1");
    CHECK_FALSE(alice.ask(sync_events{all.where, reply - 1, 1})["events"][0].contains("reply"));
    all.it.restart();
  }
}

TEST_CASE("what answers an event that is no message has nothing to show of it") {
  pair_of_friends all;
  const auto reply = all.post(all.bob, "b1", 1); // the event `joined`
  const json shown = all.shown(all.alice, reply);
  CHECK(shown["reply_to"] == 1);
  CHECK_FALSE(shown.contains("reply"));
}

} // namespace inquiries_test
