// What others do while a user is erased, at any moment: nobody is named in the end, and the store
// is whole.
#include <string>
#include <vector>

#include "actors/limits_of_erasures.hpp"
#include "tests/support/erasure_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace erase_meanwhile_test {

const std::string& name = zenos_id;

/// Zeno has said much, some of which is to expire, and Bob may delete it.
struct busy_scene : scene_of_erasure {
  std::vector<std::uint64_t> his, mine;

  busy_scene() {
    REQUIRE(zeno->ask(change_role{group, user_id{"bob"}, role::owner})["type"] == "ok");
    for (int i = 0; i < 12; ++i) {
      const std::string id = std::to_string(i);
      his.push_back(post(*zeno, group, "his" + id, "his " + id, {user_id{"bob"}}));
      mine.push_back(post(*bob, group, "mine" + id, name + " said so", {user_id{name}}));
      send_message brief{group, client_id{"brief" + id}, "soon over"};
      brief.expires_in = 2;
      brief.mentions = std::vector<user_id>{user_id{"bob"}};
      zeno->ask(std::move(brief));
    }
  }

  /// Everything that may name him, without waiting for an answer.
  void meddle(std::size_t round) {
    const user_id him{name};
    const std::string id = "late" + std::to_string(round);
    bob->say(erase{group, his[2 * round], audience::everyone});
    bob->say(erase{group, mine[2 * round], audience::everyone});
    bob->say(edit_message{group, mine[2 * round + 1], name + " said more",
                          std::vector<user_id>{him, user_id{"bob"}}});
    bob->say(erase{group, his[2 * round + 1], audience::me});
    send_message what{group, client_id{id}, name + " said nothing"};
    what.mentions = std::vector<user_id>{him, user_id{"eve"}};
    bob->say(what);
    bob->say(what); // told apart from others as before
    bob->say(react{group, first, "e" + id});
    bob->say(pin_message{group, his[2 * round + 1]});
    bob->say(add_members{group, {him}, {}, {}});
    bob->say(invite_users{group, {him}, {}, {}});
    bob->say(ban_user{group, him});
    bob->say(unban_user{group, him});
    bob->say(block_user{him, {}});
    bob->say(create{conversation_kind::group, {}, "New", std::vector<user_id>{him}, {}});
    bob->say(remove_member{group, him, {}});
  }

  void step(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i)
      it.engine->step();
  }
};

TEST_CASE("nobody is named in the end, whatever others do at any moment of an erasure") {
  for (const auto policy : {erasure_policy::anonymise, erasure_policy::remove})
    for (const bool crashes : {false, true})
      for (std::size_t pace = 3; pace < 200; pace += pace / 2 + 5) {
        INFO("pace " << pace << ", crashes " << crashes);
        busy_scene all;
        const auto begun = all.ask_for(name, policy);
        REQUIRE(begun);
        for (std::size_t round = 0; round < 5; ++round) {
          all.step(pace);
          all.meddle(round);
          all.step(pace);
          all.it.engine->advance(round == 2 ? 2'000ms : 25ms); // now some of them expire
          if (crashes && round == 2)
            CHECK(all.checked() == "");
        }
        const auto done = all.finish(begun->id);
        all.meddle(5);
        all.it.pass(3s);
        CHECK(all.rows_with_name() == names{});
        const json sent = event_at(*all.bob, all.group, all.his.front());
        CHECK(sent["from"] == done.pseudonym.str());
        CHECK(all.checked() == "");
        CHECK(all.all_that_bob_sees().find("\"" + name + "\"") == std::string::npos);
        CHECK(all.it.engine->failures().empty());
      }
}

TEST_CASE("what mentions a user who is being erased is sent, and mentions the others") {
  busy_scene all;
  const auto begun = all.ask_for(name, erasure_policy::anonymise);
  REQUIRE(begun);
  send_message what{all.group, client_id{"late"}, "both of you"};
  what.mentions = std::vector<user_id>{user_id{name}, user_id{"eve"}};
  const json sent = all.bob->ask(what);
  REQUIRE(sent["type"] == "sent");
  CHECK(event_at(*all.bob, all.group, sent["seq"])["mentions"] == json::array({"eve"}));
  all.finish(begun->id);
  all.it.pass(limits::erased_name_stays + 1s);
  client bob{all.it, "bob", {}, "again"};
  CHECK(bob.ask(what)["seq"] == sent["seq"]); // it is the same message still
  const json edited = bob.ask(
      edit_message{all.group, sent["seq"], "all of you", std::vector<user_id>{user_id{name}}});
  CHECK(edited["type"] == "ok"); // whoever that is by now
  all.bob.emplace(all.it, "bob");
  CHECK(all.checked() == "");
}

TEST_CASE("a retry of what was done with who is being erased gets its first answer") {
  busy_scene all;
  const user_id him{name};
  const conversation_id other{make_group(*all.bob, {}).get<std::string>()};
  const std::vector<command> done{
      add_members{other, {him}, {}, client_id{"add"}},
      create{conversation_kind::direct, him, {}, {}, client_id{"direct"}},
      create{conversation_kind::group, {}, "Both", std::vector<user_id>{him}, client_id{"both"}},
      remove_member{other, him, client_id{"remove"}},
      invite_users{other, {him}, {}, client_id{"invite"}},
      block_user{him, client_id{"block"}},
  };
  std::vector<json> answers;
  for (const auto& each : done) {
    answers.push_back(all.bob->ask(each));
    REQUIRE(answers.back()["type"] != "error");
  }
  const auto same = [](json one, json two) {
    for (auto* each : {&one, &two})
      for (const char* key : {"ref", "members"}) // who they are is told under the pseudonym
        each->erase(key);
    return one == two;
  };
  const auto begun = all.ask_for(name, erasure_policy::anonymise);
  REQUIRE(begun);
  for (std::size_t i = 0; i < done.size(); ++i)
    CHECK(same(all.bob->ask(done[i]), answers[i]));
  CHECK(code_of(all.bob->ask(add_members{other, {him}, {}, client_id{"more"}})) == "not_found");
  CHECK(code_of(all.bob->ask(add_members{other, {him}, {}, {}})) == "not_found");
  CHECK(code_of(all.bob->ask(block_user{him, client_id{"again"}})) == "not_found");
  CHECK(all.checked() == "");
  CHECK(same(all.bob->ask(done[0]), answers[0])); // by whoever has to look it up
  all.finish(begun->id);
  CHECK(same(all.bob->ask(done[0]), answers[0]));
  CHECK(all.checked() == "");
}

} // namespace erase_meanwhile_test
