// Users who are erased, and all that others brought: packed events, holds, profiles, blocks, what
// fell out.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "actors/limits_of_erasures.hpp"
#include "tests/support/erasure_scene.hpp"
#include "tests/support/retention_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace erase_store_test {

const std::string& name = zenos_id;

std::size_t rows_of(scene_of_erasure& all, model_table table) {
  return rows_in(all.it.engine->model(), table);
}

/// Packed rows of lists of messages, by the user whose they are.
std::size_t packed_lists_of(scene_of_erasure& all, const std::string& user) {
  std::size_t packed = 0;
  auto reading = must(all.it.engine->model().tables()->read());
  cursor at = reading.rows(index_of(model_table::tallies));
  for (bool more = at.first(); more; more = at.next())
    if (split_tally_key(at.key())->user.str() == user)
      packed += must(decode_tally(at.key(), at.value())).more.empty() ? 0 : 1;
  return packed;
}

struct unread_of {
  json unread, mentions;
  friend bool operator==(const unread_of&, const unread_of&) = default;
};

std::map<std::string, unread_of> unread_by_bob(scene_of_erasure& all) {
  std::map<std::string, unread_of> found;
  const json listed = all.bob->ask(list_conversations{});
  for (const auto& each : listed["items"])
    found[each["conversation"]] = {each["unread"], each["mentions"]};
  return found;
}

json hold(scene_of_erasure& all, const conversation_id& where, bool on) {
  client admin{all.it, "admin root"};
  return admin.ask(hold_conversation{where, on});
}

// --- Segments ------------------------------------------------------------------------------------

TEST_CASE("packed events of who is anonymised have the pseudonym, and are packed still") {
  scene_of_erasure all;
  all.grow_old();
  const auto segments = rows_of(all, model_table::cold);
  CHECK(packed_lists_of(all, name) > 0);
  const auto before = unread_by_bob(all);
  const auto done = all.finish(all.begin(erasure_policy::anonymise).id);
  CHECK(done.messages == 5 + 30);
  const std::string pseudonym = done.pseudonym.str();
  CHECK(all.rows_with_name() == names{});
  CHECK(rows_of(all, model_table::cold) == segments);
  CHECK(packed_lists_of(all, name) == 0);
  CHECK(packed_lists_of(all, pseudonym) > 0);
  for (int life = 0; life < 2; ++life) {
    CHECK(unread_by_bob(all) == before);
    CHECK(event_at(*all.bob, all.group, all.first)["from"] == pseudonym);
    CHECK(event_at(*all.bob, all.group, all.first)["body"] == "one");
    CHECK(event_at(*all.bob, all.group, all.reply)["mentions"] == json::array({pseudonym}));
    CHECK(all.all_that_bob_sees().find("\"" + name + "\"") == std::string::npos);
    CHECK(all.checked() == "");
  }
}

TEST_CASE("packed messages of who is deleted are tombstones under the pseudonym") {
  scene_of_erasure all;
  all.grow_old();
  const auto done = all.finish(all.begin(erasure_policy::remove).id);
  CHECK(done.messages == 5 + 30);
  CHECK(all.rows_with_name() == names{});
  CHECK(rows_of(all, model_table::cold) > 0);
  const std::string packed = unpacked(all.it.engine->model());
  CHECK(packed.find("old words") == std::string::npos);
  CHECK(packed.find(done.pseudonym.str()) != std::string::npos);
  CHECK(packed.find(name + " said so") != std::string::npos);
  const json first = event_at(*all.bob, all.group, all.first);
  CHECK(first["from"] == done.pseudonym.str());
  CHECK(first.contains("deleted"));
  CHECK(all.checked() == "");
}

TEST_CASE("an erasure among packed events goes on after a crash at any moment") {
  for (const auto policy : {erasure_policy::anonymise, erasure_policy::remove}) {
    scene_of_erasure all;
    all.grow_old();
    const auto begun = all.begin(policy);
    all.crash(10, true);
    all.finish(begun.id);
    CHECK(all.rows_with_name() == names{});
    CHECK(all.checked() == "");
  }
}

TEST_CASE("a damaged segment is in the way of nothing else") {
  scene_of_erasure all;
  all.grow_old();
  all.post(*all.zeno, all.group, "fresh", "what a conversation is loaded with is not old");
  std::string key;
  {
    auto reading = must(all.it.engine->model().tables()->read());
    cursor at = reading.rows(index_of(model_table::cold));
    REQUIRE(at.first());
    key = at.key();
  }
  all.zeno.reset();
  all.bob.reset();
  all.eve.reset();
  all.it.engine.reset();
  spoil(all.it.data.path(), model_table::cold, key);
  all.it.engine = all.it.start();
  const auto done = all.finish(all.begin(erasure_policy::anonymise).id);
  CHECK(all.it.engine->failures().empty());
  all.bob.emplace(all.it, "bob");
  CHECK(event_at(*all.bob, all.pair, 2)["from"] == done.pseudonym.str());
}

// --- Retention -----------------------------------------------------------------------------------

TEST_CASE("what fell out of a conversation is in nobody's way") {
  for (const auto policy : {erasure_policy::anonymise, erasure_policy::remove}) {
    for (const std::uint64_t kept : {40, 3}) {
      scene_of_erasure all;
      all.grow_old();
      update_conversation what{all.group};
      what.retention = retention_bounds{0, kept};
      CHECK(code_of(all.zeno->ask(std::move(what))) == "ok");
      for (int i = 0; i < 8; ++i)
        all.it.pass(500ms);
      const json is = all.bob->ask(get_conversation{all.group});
      const std::uint64_t kept_from = is.value("kept_from", std::uint64_t{0});
      CHECK(kept_from > all.reply);
      CHECK(all.checked() == "");
      const auto done = all.finish(all.begin(policy).id);
      CHECK(all.rows_with_name() == names{});
      CHECK(all.checked() == "");
      for (std::uint64_t seq = kept_from; seq < is["seq"].get<std::uint64_t>(); ++seq)
        if (const json event = event_at(*all.bob, all.group, seq); event["type"] == "message")
          CHECK(event.contains("deleted") ==
                (event["from"] == done.pseudonym.str() && policy == erasure_policy::remove));
    }
  }
}

// --- Holds ---------------------------------------------------------------------------------------

TEST_CASE(
    "messages that are held are not deleted: whoever asks for it is told how many hold them") {
  scene_of_erasure all;
  CHECK(code_of(hold(all, all.group, true)) == "ok");
  CHECK(code_of(hold(all, all.left, true)) == "ok"); // he was there once
  const conversation_id other{make_group(*all.bob, {}).get<std::string>()};
  CHECK(code_of(hold(all, other, true)) == "ok"); // and never here
  const auto refused = all.ask_for(name, erasure_policy::remove);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == error_code::forbidden);
  CHECK(refused.error().message.find("(2)") != std::string::npos);
  CHECK(refused.error().message.find(all.group.str()) == std::string::npos);
  all.it.engine->settle();
  CHECK_FALSE(all.zeno->has_ended());
  CHECK(code_of(all.zeno->post(all.pair.str(), "p2")) == "sent");
  CHECK(all.ask_for("bob", erasure_policy::remove).error().code == error_code::forbidden);
  const auto done = all.finish(all.begin(erasure_policy::anonymise).id);
  CHECK(event_at(*all.bob, all.group, all.first)["from"] == done.pseudonym.str());
  CHECK(event_at(*all.bob, all.group, all.first)["body"] == "one");
  CHECK(all.rows_with_name() == names{});
  CHECK(rows_of(all, model_table::holds) == 3);
  CHECK(all.checked() == "");
}

TEST_CASE("where all messages are deleted, or fell out, nothing is held") {
  scene_of_erasure all;
  all.zeno->ask(erase{all.pair, 2, audience::everyone});
  CHECK(code_of(hold(all, all.pair, true)) == "ok");
  const auto done = all.finish(all.begin(erasure_policy::remove).id);
  CHECK(event_at(*all.bob, all.group, all.first).contains("deleted"));
  CHECK(all.rows_with_name() == names{});
  CHECK(all.checked() == "");
}

TEST_CASE("a hold that begins while messages are deleted is waited for, and nobody waits with it") {
  scene_of_erasure all;
  client admin{all.it, "admin root"};
  all.grow_old();
  const auto begun = all.ask_for(name, erasure_policy::remove);
  REQUIRE(begun);
  admin.say(hold_conversation{all.group, true});
  while (all.it.engine->step()) // he has left one conversation by now
    continue;
  for (int life = 0; life < 2; ++life) {
    for (int i = 0; i < 40; ++i)
      all.it.pass(500ms);
    const auto now = all.receipt(begun->id);
    CHECK(now.phase == erasure_phase::begun);
    CHECK(now.held == 1);
    client bob{all.it, "bob", {}, "life" + std::to_string(life)}; // the other one read too little
    CHECK(event_at(bob, all.pair, 2).contains("deleted"));
    CHECK(event_at(bob, all.group, all.first)["from"] == name);
    CHECK(event_at(bob, all.group, all.first)["body"] == "one");
    const json members = bob.ask(get_members{all.group, {}, {}});
    CHECK(members["items"].size() == 1); // who is there is not held
    client again{all.it, name};
    CHECK(again.has_ended());
    const auto other = all.ask_for(life == 0 ? "eve" : "nobody", erasure_policy::remove);
    REQUIRE(other);
    all.it.pass(500ms);
    all.finish(other->id);
    CHECK(all.checked() == "");
  }
  CHECK(code_of(hold(all, all.group, false)) == "ok");
  for (int i = 0; i < 30; ++i)
    all.it.pass(500ms);
  const auto done = all.finish(begun->id);
  CHECK(done.held == 0);
  client bob{all.it, "bob", {}, "after"};
  CHECK(event_at(bob, all.group, all.first).contains("deleted"));
  CHECK(all.rows_with_name() == names{});
  CHECK(all.checked() == "");
}

TEST_CASE("the hold of an administrator who is erased stays, under the pseudonym") {
  scene_of_erasure all;
  client zeno{all.it, "admin " + name};
  CHECK(code_of(zeno.ask(hold_conversation{all.pair, true})) == "ok");
  const auto done = all.finish(all.begin(erasure_policy::anonymise).id);
  CHECK(all.rows_with_name() == names{});
  client admin{all.it, "admin root"};
  const json holds = admin.ask(list_holds{});
  REQUIRE(holds["items"].size() == 1);
  CHECK(holds["items"][0]["by"] == done.pseudonym.str());
  CHECK(all.checked() == "");
}

// --- Profiles and blocks -------------------------------------------------------------------------

TEST_CASE("nobody reads the profile of who was erased, and the pseudonym has none") {
  scene_of_erasure all;
  CHECK(all.bob->ask(get_profile{user_id{name}, {}})["name"] == "Zeno");
  const auto done = all.finish(all.begin(erasure_policy::anonymise).id);
  CHECK(rows_of(all, model_table::profiles) == 0);
  for (const auto& each : {user_id{name}, done.pseudonym})
    CHECK_FALSE(all.bob->ask(get_profile{each, {}}).contains("name"));
  all.it.pass(limits::erased_name_stays + 1s);
  client stranger{all.it, name + "\nZelda"};
  all.it.pass(1s);
  CHECK(stranger.ask(get_profile{})["name"] == "Zelda");
  stranger.ask(set_profile{{}, erasable_text{"https://example.org/z.png"}, {}, {}});
  CHECK_FALSE(stranger.ask(get_profile{}).contains("text"));
  all.bob->ask(add_members{all.group, {user_id{name}}, {}, {}});
  CHECK(all.bob->ask(get_profile{user_id{name}, {}})["name"] == "Zelda");
  CHECK(all.checked() == "");
}

TEST_CASE("blocks end in both directions, also where they are at hand") {
  scene_of_erasure all;
  const conversation_id room{
      make_group(*all.bob, {user_id{name}, user_id{"eve"}}).get<std::string>()};
  all.bob->ask(block_user{user_id{"eve"}, {}});
  all.eve->ask(set_typing{room, true}); // now the room knows who is not to see it
  CHECK(rows_of(all, model_table::blocked) == 3);
  CHECK(rows_of(all, model_table::blocked_by) == 3);
  all.finish(all.begin(erasure_policy::anonymise).id);
  CHECK(rows_of(all, model_table::blocked) == 1);
  CHECK(rows_of(all, model_table::blocked_by) == 1);
  CHECK(rows_of(all, model_table::pair_blocks) == 1);
  CHECK(all.eve->ask(list_blocks{})["items"].empty());
  CHECK(all.bob->ask(list_blocks{})["items"].size() == 1);
  for (auto passed = 0ms; passed <= limits::erased_name_stays; passed += 500ms)
    all.it.pass(500ms); // whoever typed is seen to have stopped
  client stranger{all.it, name};
  client bob{all.it, "bob", {}, "again"}; // those before were let go
  CHECK(code_of(bob.ask(add_members{room, {user_id{name}}, {}, {}})) == "ok");
  stranger.events();
  client eve{all.it, "eve", {}, "again"};
  CHECK(code_of(eve.ask(set_typing{room, true})) == "ok");
  const auto told = stranger.types();
  CHECK(std::count(told.begin(), told.end(), "typing") == 1);
  const json direct = stranger.ask(create{conversation_kind::direct, user_id{"eve"}, {}, {}, {}});
  CHECK(code_of(stranger.post(direct["conversation"], "s1")) == "sent");
  CHECK(all.checked() == "");
}

} // namespace erase_store_test
