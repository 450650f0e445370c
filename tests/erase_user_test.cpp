// Users who are erased: what becomes of what they said and did, for everyone else and on the disk,
// through kills.
#include <optional>
#include <string>
#include <vector>

#include "actors/limits_of_erasures.hpp"
#include "persistence/erasures/new_names.hpp"
#include "tests/support/erasure_scene.hpp"
#include "tests/support/unpack.hpp"
#include "transport/http_erasures.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace erase_user_test {

const std::string& name = zenos_id;

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
    all.crash(12, false);
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

TEST_CASE("a name is free once it is on disk that its user was erased, not before") {
  scene_of_erasure all;
  const auto begun = all.ask_for(name, erasure_policy::anonymise);
  REQUIRE(begun);
  const auto phase = [&] {
    const auto found = all.it.engine->model().user_erasures(begun->id);
    return found->empty() ? erasure_phase::begun : found->front().phase;
  };
  for (int round = 0; round < 5'000 && phase() == erasure_phase::begun; ++round)
    if (!all.it.engine->step())
      all.it.engine->advance(5ms);
  REQUIRE(phase() == erasure_phase::forgetting);
  all.it.engine->log().failing = true;
  bool is_kept = true; // at each moment, also between two tries
  for (auto time = 0ms; time < 2 * limits::erased_name_stays; time += 20ms) {
    all.it.engine->advance(20ms);
    while (all.it.engine->step())
      is_kept = is_kept && all.it.engine->context()->erasing->contains(user_id{name});
  }
  CHECK(is_kept);
  CHECK(phase() == erasure_phase::forgetting);
  client early{all.it, name};
  CHECK(early.has_ended());
  CHECK(all.it.engine->context()->erasing->contains(user_id{name}));
  all.it.engine->log().failing = false;
  all.finish(begun->id);
  CHECK(all.it.engine->context()->erasing->contains(user_id{name}));
  all.it.pass(limits::erased_name_stays + 2s);
  CHECK_FALSE(all.it.engine->context()->erasing->contains(user_id{name}));
  all.it.pass(1s);
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
  CHECK(problems_of(all.it.data.path()).find("names another user than it is about") !=
        std::string::npos);
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
  CHECK(answer_erasure({}, what).status == 202);
  what.phase = erasure_phase::done;
  const auto done = answer_erasure({}, what);
  CHECK(done.status == 200);
  CHECK(json::parse(done.body)["status"] == "done");
}

} // namespace erase_user_test
