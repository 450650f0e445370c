// A user who has done everything that leaves a row, and is erased.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/erasure_desk.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/cold_scene.hpp"
#include "tests/support/engine_scene.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

using namespace std::chrono_literals;

/// A name that is nothing else.
inline const std::string zenos_id = "zeno-of-elea";

/// Zeno owns a group with Bob, talks to him alone, and has done everything that leaves a row.
struct scene_of_erasure {
  const std::string name = zenos_id;
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
    REQUIRE(bob->ask(ban_user{left, user_id{name}})["type"] == "ok");
    zeno->ask(set_profile{erasable_text{"Zeno"}, {}, erasable_text{"known as " + name}, {}});
    const conversation_id other{make_group(*bob, {}).get<std::string>()};
    bob->ask(invite_users{other, {user_id{name}}, {}, {}});
  }

  /// Lets no time pass.
  result<user_erasure> ask_for(const std::string& user, erasure_policy policy) {
    std::optional<result<user_erasure>> begun;
    erasure_desk{it.engine->context()}.begin(user_id{user}, policy,
                                             [&](const auto& told) { begun.emplace(told); });
    while (!begun && it.engine->step())
      continue;
    REQUIRE(begun);
    return *begun;
  }
  user_erasure begin(erasure_policy policy) {
    auto begun = ask_for(name, policy);
    it.engine->settle();
    REQUIRE(begun);
    return *begun;
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

  /// What the older half of a group's life is made of, and what came before is packed.
  void grow_old() {
    for (int i = 0; i < 30; ++i) {
      const std::string id = "old" + std::to_string(i);
      post(*zeno, group, id, "old words " + id, {user_id{"bob"}});
      post(*bob, group, id, name + " said so", {user_id{name}});
    }
    it.pass(2s);
    REQUIRE(it.engine->cool(1s) > 0);
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
    row_dump rows = dump(it.engine->model());
    rows.emplace_back("unpacked/", unpacked(it.engine->model()));
    for (const auto& [key, value] : rows) {
      std::string said = key.starts_with("cold/") ? std::string{} : value; // it is unpacked below
      for (auto at = said.find(name + " said"); at != std::string::npos;
           at = said.find(name + " said"))
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
    const auto problems = problems_of(it.data.path());
    it.engine = it.start();
    bob.emplace(it, "bob");
    return problems;
  }
  /// Ends the engine again and again, each time a little later, and has the store checked then.
  void crash(int times, bool packs) {
    for (int life = 0; life < times; ++life) {
      CHECK(checked() == "");
      for (int steps = 0; steps < 5 + 25 * life; ++steps)
        it.engine->step();
      it.engine->advance(25ms);
      for (int steps = 0; steps < 3 * life; ++steps)
        it.engine->step();
      if (packs && life % 3 == 0)
        it.engine->cool(0ms);
    }
  }
};

inline json event_at(client& who, const conversation_id& where, std::uint64_t seq) {
  return who.ask(sync_events{where, seq - 1, 1})["events"][0];
}

} // namespace parley::test
