// Users who are erased: what becomes of what they said and did, for everyone else and on the disk,
// through kills.
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "actors/erasure_desk.hpp"
#include "actors/limits_of_erasures.hpp"
#include "persistence/check.hpp"
#include "persistence/erasures/new_names.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"
#include "tests/support/model_rows.hpp"
#include "tests/support/unpack.hpp"
#include "transport/http_erasures.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace erase_user_test {

/// A name that is nothing else.
const std::string name = "zeno-of-elea";

std::string code_of(const json& answer) {
  return answer["type"] == "error" ? answer["code"] : answer["type"];
}

/// Zeno owns a group with Bob, talks to him alone, and has done everything that leaves a row.
struct scene_of_erasure {
  scene it;
  std::optional<client> zeno, bob, eve;
  conversation_id group, pair, left;
  std::uint64_t first = 0, reply = 0, mention = 0, doomed = 0;

  scene_of_erasure() {
    open();
    group = conversation_id{made(create{conversation_kind::group,
                                        {},
                                        "Crew",
                                        std::vector<user_id>{user_id{"bob"}},
                                        client_id{"c"}})};
    pair = conversation_id{made(create{conversation_kind::direct, user_id{"bob"}, {}, {}, {}})};
    left = conversation_id{make_group(*bob, {user_id{name}}).get<std::string>()};
    talk();
  }

  void open() {
    zeno.emplace(it, name);
    bob.emplace(it, "bob");
    eve.emplace(it, "eve");
  }

  std::string made(create what) { return zeno->ask(std::move(what))["conversation"]; }
  std::uint64_t post(client& who, const conversation_id& where, const std::string& id,
                     const std::string& body, std::vector<user_id> mentions = {},
                     std::optional<std::uint64_t> thread = {}) {
    send_message what{where, client_id{id}, body};
    if (!mentions.empty())
      what.mentions = std::move(mentions);
    what.thread = thread;
    const json sent = who.ask(std::move(what));
    REQUIRE(sent["type"] == "sent");
    return sent["seq"];
  }

  void talk() {
    first = post(*zeno, group, "z1", "one", {user_id{"bob"}});
    reply = post(*bob, group, "b1", name + " said one", {user_id{name}});
    post(*zeno, group, "z2", "in a thread", {}, reply);
    mention = post(*bob, group, "b2", "again", {user_id{name}, user_id{"@all"}});
    doomed = post(*zeno, group, "z3", "to be deleted", {user_id{"@all"}});
    bob->ask(edit_message{group, mention, "again and again", std::vector<user_id>{user_id{name}}});
    zeno->ask(edit_message{group, first, "one, really"});
    zeno->ask(react{group, reply, "+1"});
    bob->ask(react{group, reply, "+1"});
    zeno->ask(pin_message{group, reply});
    zeno->ask(erase{group, doomed, audience::everyone});
    zeno->ask(erase{group, mention, audience::me});
    zeno->ask(mark_read{group, reply, {}});
    zeno->ask(read_thread{group, reply, reply});
    set_preferences kept;
    kept.conversation = group;
    kept.pinned = true;
    zeno->ask(kept);
    set_notifications tuned;
    tuned.zone = "Europe/Athens";
    zeno->ask(tuned);
    zeno->ask(block_user{user_id{"eve"}, {}});
    eve->ask(block_user{user_id{name}, {}});
    zeno->ask(invite_users{group, {user_id{"eve"}}, {}, {}});
    post(*zeno, pair, "p1", "to bob alone");
    post(*zeno, left, "l1", "before he left");
    zeno->ask(leave{left, {}});
    const conversation_id other{make_group(*bob, {}).get<std::string>()};
    bob->ask(invite_users{other, {user_id{name}}, {}, {}});
  }

  user_erasure begin(erasure_policy policy) {
    std::optional<result<user_erasure>> begun;
    erasure_desk{it.engine->context()}.begin(user_id{name}, policy,
                                             [&](const auto& told) { begun.emplace(told); });
    it.engine->settle();
    REQUIRE(begun);
    REQUIRE(*begun);
    return **begun;
  }
  user_erasure receipt(const std::string& id) {
    std::optional<result<user_erasure>> found;
    erasure_desk{it.engine->context()}.find(id, [&](const auto& told) { found.emplace(told); });
    it.engine->settle();
    REQUIRE(found);
    REQUIRE(*found);
    return **found;
  }
  user_erasure finish(const std::string& id) {
    for (int round = 0; round < 500; ++round) {
      if (auto now = receipt(id); now.phase == erasure_phase::done)
        return now;
      it.pass(50ms);
    }
    FAIL("it does not end");
    return {};
  }

  /// What is said in all events and answers that Bob can get.
  std::string all_that_bob_sees() {
    std::string all = bob->ask(list_conversations{}).dump();
    for (const auto& where : {group, pair, left}) {
      all += bob->ask(sync_events{where, 0, {}}).dump();
      all += bob->ask(history{where, {}, {}, {}, {}}).dump();
      all += bob->ask(get_members{where, {}, {}}).dump();
      all += bob->ask(get_pins{where}).dump();
    }
    all += bob->ask(get_reactions{group, reply}).dump();
    all += bob->ask(get_versions{group, first}).dump();
    all += bob->ask(get_thread{group, reply}).dump();
    all += bob->ask(get_invited{group, {}, {}}).dump();
    return all;
  }
  /// The name in rows of the model that are not what somebody else said.
  names rows_with_name() {
    names found;
    for (const auto& [key, value] : dump(it.engine->model())) {
      std::string said = value;
      if (const auto at = said.find(name + " said one"); at != std::string::npos)
        said.erase(at, name.size());
      if (key.find(name) != std::string::npos || said.find(name) != std::string::npos)
        found.push_back(key.substr(0, key.find('/')));
    }
    return found;
  }
  std::string checked() {
    zeno.reset();
    bob.reset();
    eve.reset();
    it.engine.reset();
    std::ostringstream report;
    const bool is_whole = check(it.data.path(), report) == 0;
    it.engine = it.start();
    bob.emplace(it, "bob");
    return is_whole ? "" : report.str();
  }
};

json event_at(client& who, const conversation_id& where, std::uint64_t seq) {
  return who.ask(sync_events{where, seq - 1, 1})["events"][0];
}

TEST_CASE("messages of who is anonymised stay, under a pseudonym that is the same everywhere") {
  scene_of_erasure all;
  const json before = all.bob->ask(list_conversations{});
  const auto begun = all.begin(erasure_policy::anonymise);
  const auto done = all.finish(begun.id);
  CHECK(done.user.empty());
  CHECK(done.policy == erasure_policy::anonymise);
  CHECK(done.conversations == 3);
  CHECK(done.messages == 5);
  const std::string pseudonym = done.pseudonym.str();
  CHECK(pseudonym.size() == std::string{"erased:"}.size() + 16);
  CHECK(all.rows_with_name().empty());
  for (int life = 0; life < 2; ++life) {
    const std::string seen = all.all_that_bob_sees();
    std::size_t times = 0;
    for (auto at = seen.find(name); at != std::string::npos; at = seen.find(name, at + 1)) {
      CHECK(seen.substr(at, name.size() + 5) == name + " said");
      ++times;
    }
    CHECK(times > 0);
    CHECK(event_at(*all.bob, all.group, all.first)["from"] == pseudonym);
    CHECK(event_at(*all.bob, all.group, all.first)["body"] == "one");
    CHECK(event_at(*all.bob, all.pair, 2)["from"] == pseudonym);
    CHECK(event_at(*all.bob, all.group, all.reply)["mentions"] == json::array({pseudonym}));
    const json reactions = all.bob->ask(get_reactions{all.group, all.reply});
    CHECK(reactions["items"].size() == 2);
    const json members = all.bob->ask(get_members{all.group, {}, {}});
    REQUIRE(members["items"].size() == 1);
    CHECK(members["items"][0]["user"] == "bob");
    CHECK(members["items"][0]["role"] == "owner");
    const json listed = all.bob->ask(list_conversations{});
    for (const auto& one : before["items"])
      for (const auto& two : listed["items"])
        if (one["conversation"] == two["conversation"]) {
          CHECK(one["unread"] == two["unread"]);
          CHECK(one["mentions"] == two["mentions"]);
        }
    CHECK(all.checked() == "");
  }
}

TEST_CASE("messages of who is deleted are deleted, and the rest has a pseudonym") {
  scene_of_erasure all;
  const auto done = all.finish(all.begin(erasure_policy::remove).id);
  CHECK(done.messages == 5);
  CHECK(all.rows_with_name().empty());
  const json first = event_at(*all.bob, all.group, all.first);
  CHECK(first["from"] == done.pseudonym.str());
  CHECK(first.contains("deleted"));
  CHECK_FALSE(first.contains("body"));
  CHECK(event_at(*all.bob, all.pair, 2).contains("deleted"));
  CHECK(event_at(*all.bob, all.left, 2).contains("deleted"));
  const json gone = all.bob->ask(get_erasure{all.group, all.first});
  CHECK(gone["from"] == done.pseudonym.str());
  const json reactions = all.bob->ask(get_reactions{all.group, all.reply});
  REQUIRE(reactions["items"].size() == 1);
  CHECK(reactions["items"][0]["user"] == "bob");
  CHECK(event_at(*all.bob, all.group, all.reply)["body"] == name + " said one");
  CHECK(all.checked() == "");
}

TEST_CASE("an erasure goes on after a crash at any moment, and the store is whole at each") {
  for (const auto policy : {erasure_policy::anonymise, erasure_policy::remove}) {
    scene_of_erasure all;
    const auto begun = all.begin(policy);
    for (int life = 0; life < 12; ++life) {
      CHECK(all.checked() == "");
      for (int steps = 0; steps < 5 + 25 * life; ++steps)
        all.it.engine->step();
      all.it.engine->advance(25ms);
      for (int steps = 0; steps < 3 * life; ++steps)
        all.it.engine->step();
    }
    all.finish(begun.id);
    CHECK(all.rows_with_name().empty());
    CHECK(all.checked() == "");
    CHECK(all.all_that_bob_sees().find("\"" + name + "\"") == std::string::npos);
  }
}

TEST_CASE("nobody speaks as a user who is being erased, or brings them in") {
  scene_of_erasure all;
  all.bob->events();
  all.zeno->say(send_message{all.group, client_id{"late"}, "at the same moment"});
  const auto begun = all.begin(erasure_policy::anonymise);
  CHECK(all.zeno->has_ended());
  client again{all.it, name};
  CHECK(again.has_ended());
  CHECK(code_of(all.bob->ask(add_members{all.group, {user_id{name}}, {}, {}})) == "not_found");
  CHECK(code_of(all.bob->ask(create{conversation_kind::direct, user_id{name}, {}, {}, {}})) ==
        "not_found");
  std::optional<result<user_erasure>> twice;
  erasure_desk{all.it.engine->context()}.begin(user_id{name}, erasure_policy::remove,
                                               [&](const auto& told) { twice.emplace(told); });
  REQUIRE(twice);
  CHECK(twice->error().code == error_code::conflict);
  all.finish(begun.id);
  bool has_left = false;
  for (const auto& each : all.bob->events()) {
    if (each.value("conversation", "") != all.group.str())
      continue;
    CHECK_FALSE((has_left && each["type"] == "message"));
    has_left = has_left || each["type"] == "left";
  }
  CHECK(has_left);
  all.it.pass(limits::erased_name_stays + 1s);
  client stranger{all.it, name};
  CHECK(stranger.greeting()["type"] == "welcome");
  CHECK(stranger.ask(list_conversations{})["items"].empty());
  CHECK(code_of(all.bob->ask(add_members{all.group, {user_id{name}}, {}, {}})) == "ok");
  CHECK(all.checked() == "");
}

TEST_CASE("what is in memory has the pseudonym, too") {
  scene_of_erasure all;
  all.bob->ask(history{all.group, {}, {}, {}, {}}); // it is in memory
  const auto done = all.finish(all.begin(erasure_policy::anonymise).id);
  const json page = all.bob->ask(history{all.group, {}, {}, {}, {}});
  CHECK(page["events"][1]["from"] == done.pseudonym.str());
  const auto sent = all.post(*all.bob, all.group, "b9", "business as usual");
  CHECK(sent == page["last"].get<std::uint64_t>() + 1);
  CHECK(all.checked() == "");
}

TEST_CASE("a receipt that names somebody else is found by the check") {
  scene_of_erasure all;
  const auto done = all.finish(all.begin(erasure_policy::anonymise).id);
  all.zeno.reset();
  all.bob.reset();
  all.eve.reset();
  all.it.engine.reset();
  erasure_row row{done, 0, {}};
  row.what.user = user_id{"bob"};
  plant(all.it.data.path(), model_table::erasures, done.id, encode_row(done.id, row));
  std::ostringstream report;
  CHECK(check(all.it.data.path(), report) > 0);
  CHECK(report.str().find("names another user than it is about") != std::string::npos);
  all.it.engine = all.it.start();
}

TEST_CASE("only what names a user is renamed, not what says the same") {
  const std::string to = "erased:1";
  const new_names names = [&](std::string_view user) { return user == "ann" ? &to : nullptr; };
  send_message said{conversation_id{"c"}, client_id{"ann"}, "ann"};
  said.mentions = std::vector<user_id>{user_id{"bob"}, user_id{"ann"}};
  const auto event = encode_message(sequence{7}, timestamp{5ms}, user_id{"ann"}, said);
  const auto renamed = renamed_event(event, names);
  REQUIRE(renamed);
  json expected = unpack(event);
  expected["from"] = to;
  expected["mentions"] = {"bob", to};
  CHECK(unpack(*renamed) == expected);
  CHECK_FALSE(renamed_event(encode_message(sequence{7}, timestamp{5ms}, user_id{"bob"},
                                           {conversation_id{"c"}, client_id{"ann"}, "ann"}),
                            names));
  const auto joined = encode_joined(conversation_id{"ann"}, sequence{1}, timestamp{5ms},
                                    {{user_id{"bob"}}, {user_id{"ann"}}}, user_id{"ann"});
  const json other = unpack(*renamed_event(joined, names));
  CHECK(other["conversation"] == "ann");
  CHECK(other["by"] == to);
  CHECK(other["users"][1]["user"] == to);
  CHECK_FALSE(renamed_event("no map", names));
}

// --- HTTP ----------------------------------------------------------------------------------------

http_decision ask(const char* method, const char* target, bool with_token = true) {
  std::vector<http_header> headers{{"Host", "chat.example.com"}};
  if (with_token)
    headers.push_back({"Authorization", "Bearer t"});
  return decide({method, target, 11, headers, 0}, {}, {true, false});
}

int status(const http_decision& decided) {
  const auto* answer = std::get_if<http_answer>(&decided);
  return answer ? answer->status : 0;
}

TEST_CASE("a user is erased by a request that says how") {
  const auto asked = std::get<erasure_request>(ask("DELETE", "/v1/users/a%2Fb?policy=delete"));
  CHECK(asked.user == user_id{"a/b"});
  CHECK(asked.policy == erasure_policy::remove);
  CHECK(std::get<erasure_request>(ask("GET", "/v1/erasures/x1")).receipt == "x1");
  CHECK(status(ask("DELETE", "/v1/users/a")) == 400);
  CHECK(status(ask("DELETE", "/v1/users/a?policy=maybe")) == 400);
  CHECK(status(ask("DELETE", "/v1/users/a?policy=delete", false)) == 401);
  CHECK(status(ask("DELETE", "/v1/users/?policy=delete")) == 404);
  CHECK(status(ask("DELETE", "/v1/erasures/x")) == 405);
  user_erasure what;
  what.id = "r";
  what.pseudonym = user_id{"erased:1"};
  CHECK(answer_erasure(what, false).status == 202);
  what.phase = erasure_phase::done;
  const auto done = answer_erasure(what, false);
  CHECK(done.status == 200);
  CHECK(json::parse(done.body)["status"] == "done");
}

} // namespace erase_user_test
