// Threads: messages that belong to another one, what that one says of them, and how far one has
// read.
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace threads_test {

using numbers = std::vector<std::uint64_t>;

/// A conversation in which Alice has said something that others answer in a thread.
struct talk {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  conversation_id where{make_group(alice, {user_id{"bob"}, user_id{"carol"}}).get<std::string>()};
  std::uint64_t root = alice.post(where.str(), "root")["seq"]; // 2

  json reply(client& who, const std::string& id, std::optional<std::uint64_t> thread = {}) {
    send_message what{where, client_id{id}, "body of " + id};
    what.thread = thread.value_or(root);
    return who.ask(std::move(what));
  }
  json shown(client& who, std::uint64_t seq) {
    return who.ask(history{where, {}, seq - 1, {}, 1})["events"][0];
  }
  numbers in(client& who, get_thread asked) {
    numbers found;
    const json page = who.ask(std::move(asked));
    for (const auto& each : page["events"])
      found.push_back(each["seq"]);
    return found;
  }
  get_thread all() const { return {where, root}; }
};

TEST_CASE("what begins a thread says how many are in it, which is the last, and who took part") {
  talk it;
  CHECK_FALSE(it.shown(it.bob, it.root).contains("replies"));
  it.bob.events();
  const json first = it.reply(it.bob, "b1");
  CHECK(it.bob.events().back()["thread"] == it.root);
  it.reply(it.alice, "a1");
  const json last = it.reply(it.bob, "b2");
  for (int life = 0; life < 2; ++life) {
    client alice{it.it, "alice"};
    const json replies = it.shown(alice, it.root)["replies"];
    CHECK(replies["count"] == 3);
    CHECK(replies["last"] == last["seq"]);
    CHECK(replies["participants"] == json{"bob", "alice"});
    CHECK_FALSE(replies.contains("read"));
    const json reply = it.shown(alice, first["seq"]);
    CHECK(reply["thread"] == it.root);
    CHECK(reply["body"] == "body of b1");
    CHECK(alice.ask(it.all())["thread"] == it.root);
    CHECK(it.in(alice, it.all()) == numbers{3, 4, 5});
    it.it.restart();
  }
}

TEST_CASE("a thread is read page by page, from either end") {
  talk it;
  for (int i = 0; i < 5; ++i) {
    it.reply(it.bob, "b" + std::to_string(i)); // 3, 5, 7, 9, 11
    it.alice.post(it.where.str(), "between" + std::to_string(i));
  }
  get_thread asked = it.all();
  asked.limit = 2;
  json page = it.alice.ask(get_thread{asked});
  CHECK(page["first"] == 9);
  CHECK(page["last"] == 11);
  CHECK(page["more"] == true);
  asked.before = 9;
  CHECK(it.in(it.alice, asked) == numbers{5, 7});
  asked.before = 5;
  page = it.alice.ask(get_thread{asked});
  CHECK(page["first"] == 3);
  CHECK(page["more"] == false);
  asked.before.reset();
  asked.after = 5;
  CHECK(it.in(it.alice, asked) == numbers{7, 9});
  asked.after = 11;
  CHECK(it.in(it.alice, asked).empty());
  asked.before = 3;
  CHECK(code_of(it.alice.ask(get_thread{asked})) == "bad_request");
}

TEST_CASE("a thread begins at a message that is in none") {
  talk it;
  const std::uint64_t reply = it.reply(it.bob, "b1")["seq"];
  CHECK(code_of(it.reply(it.bob, "b2", reply)) == "bad_request");
  CHECK(code_of(it.reply(it.bob, "b3", 1)) == "not_found"); // the event `joined`
  CHECK(code_of(it.reply(it.bob, "b4", 99)) == "bad_request");
  CHECK(code_of(it.reply(it.bob, "b5", 0)) == "bad_request");
  CHECK(code_of(it.alice.ask(get_thread{it.where, 1})) == "not_found");
  const std::uint64_t other = it.alice.post(it.where.str(), "other")["seq"];
  it.alice.ask(erase{it.where, other, audience::everyone});
  CHECK(code_of(it.reply(it.bob, "b6", other)) == "not_found");
  CHECK(it.shown(it.bob, it.root)["replies"]["count"] == 1);
  CHECK(it.reply(it.bob, "b1")["seq"] == reply); // a retry
  CHECK(code_of(it.reply(it.bob, "b1", other)) == "conflict");
  client mallory{it.it, "mallory"};
  CHECK(code_of(mallory.ask(it.all())) == "not_found");
  CHECK(code_of(mallory.ask(read_thread{it.where, it.root, 2})) == "not_found");
}

TEST_CASE("what is deleted is not counted, and the one before it is the last") {
  talk it;
  const std::uint64_t first = it.reply(it.bob, "b1")["seq"];
  const std::uint64_t second = it.reply(it.bob, "b2")["seq"];
  const std::uint64_t third = it.reply(it.bob, "b3")["seq"];
  const auto summary = [&] { return it.shown(it.alice, it.root)["replies"]; };
  it.bob.ask(erase{it.where, third, audience::everyone});
  CHECK(summary()["count"] == 2);
  CHECK(summary()["last"] == second);
  it.bob.ask(erase{it.where, first, audience::everyone});
  CHECK(summary()["count"] == 1);
  CHECK(summary()["last"] == second);
  CHECK(it.in(it.alice, it.all()) == numbers{second});
  it.alice.ask(erase{it.where, it.root, audience::everyone}); // its thread stays
  CHECK(it.shown(it.alice, it.root)["deleted"] == true);
  CHECK(it.in(it.alice, it.all()) == numbers{second});
  it.bob.ask(erase{it.where, second, audience::everyone});
  CHECK(it.in(it.alice, it.all()).empty());
}

TEST_CASE("messages of a thread are shown as they are now, and hidden from who hid them") {
  talk it;
  const std::uint64_t first = it.reply(it.bob, "b1")["seq"];
  const std::uint64_t second = it.reply(it.bob, "b2")["seq"];
  it.bob.ask(edit_message{it.where, first, "other words"});
  it.alice.ask(react{it.where, first, "+1"});
  it.alice.ask(erase{it.where, second, audience::me});
  const json page = it.alice.ask(it.all());
  REQUIRE(page["events"].size() == 1);
  CHECK(page["events"][0]["body"] == "other words");
  CHECK(page["events"][0]["reactions"]["+1"]["mine"] == true);
  CHECK(it.in(it.bob, it.all()) == numbers{first, second});
}

TEST_CASE("how far a thread was read is one's own, and never goes back") {
  talk it;
  const std::uint64_t first = it.reply(it.bob, "b1")["seq"];
  const std::uint64_t second = it.reply(it.bob, "b2")["seq"];
  client phone{it.it, "alice", {}, "phone"};
  phone.events();
  it.bob.events();
  const auto read = [&](client& who) {
    return it.shown(who, it.root)["replies"].value("read", std::uint64_t{0});
  };
  CHECK(code_of(it.alice.ask(read_thread{it.where, it.root, second, client_id{"r1"}})) == "ok");
  const auto told = phone.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["type"] == "thread_read");
  CHECK(told[0]["message"] == it.root);
  CHECK(told[0]["seq"] == second);
  CHECK(it.bob.types().empty());
  CHECK(read(it.alice) == second);
  CHECK(read(it.bob) == 0);
  it.alice.ask(read_thread{it.where, it.root, first});
  it.it.restart();
  client alice{it.it, "alice"};
  CHECK(read(alice) == second);
  CHECK(code_of(alice.ask(read_thread{it.where, it.root, 99})) == "bad_request");
  CHECK(code_of(alice.ask(read_thread{it.where, 1, 1})) == "not_found");
  CHECK(code_of(alice.ask(read_thread{it.where, it.root, second, client_id{"r1"}})) == "ok");
  CHECK(code_of(alice.ask(read_thread{it.where, it.root, first, client_id{"r1"}})) == "conflict");
}

TEST_CASE("nobody answers in the thread of what was deleted, known before or not") {
  talk it;
  it.reply(it.bob, "b1");
  it.alice.ask(erase{it.where, it.root, audience::everyone});
  CHECK(code_of(it.reply(it.bob, "b2")) == "not_found");
  it.it.restart();
  client bob{it.it, "bob"};
  CHECK(code_of(it.reply(bob, "b2")) == "not_found");
}

TEST_CASE("a retry of what moved a cursor says the same, and another device is not told less") {
  talk it;
  const std::uint64_t first = it.reply(it.bob, "b1")["seq"];
  const std::uint64_t second = it.reply(it.bob, "b2")["seq"];
  client phone{it.it, "alice", {}, "phone"};
  phone.events();
  const read_thread moved{it.where, it.root, second, client_id{"r"}};
  CHECK_FALSE(it.alice.ask(read_thread{moved}).contains("seq"));
  CHECK_FALSE(it.alice.ask(read_thread{moved}).contains("seq"));
  CHECK(phone.events().size() == 1);
  CHECK(code_of(it.alice.ask(read_thread{it.where, it.root, first, client_id{"s"}})) == "ok");
  CHECK(phone.events().empty());
}

TEST_CASE("whose answers are all deleted did not take part") {
  talk it;
  client carol{it.it, "carol"};
  const auto participants = [&] { return it.shown(it.alice, it.root)["replies"]["participants"]; };
  const std::uint64_t first = it.reply(it.alice, "a1")["seq"];
  it.reply(it.bob, "b1");
  it.reply(carol, "c1");
  it.reply(it.bob, "b2");
  const std::uint64_t last = it.reply(it.alice, "a2")["seq"];
  CHECK(participants() == json{"alice", "bob", "carol"});
  it.alice.ask(erase{it.where, last, audience::everyone});
  CHECK(participants() == json{"bob", "carol", "alice"});
  it.alice.ask(erase{it.where, first, audience::everyone});
  CHECK(participants() == json{"bob", "carol"});
}

TEST_CASE("the summary names those who wrote last") {
  talk it;
  std::vector<std::string> users;
  for (std::size_t i = 0; i < limits::thread_participants + 2; ++i) {
    const std::string name = "user" + std::to_string(i);
    it.alice.ask(add_members{it.where, {user_id{name}}, {}, {}});
    client who{it.it, name};
    it.reply(who, name);
    users.insert(users.begin(), name);
  }
  users.resize(limits::thread_participants);
  CHECK(it.shown(it.alice, it.root)["replies"]["participants"] == json(users));
}

} // namespace threads_test
