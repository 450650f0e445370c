// What those who join are shown of what was said before.
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace past_test {

struct crew {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  conversation_id where{make_group(alice, {user_id{"bob"}}).get<std::string>()};

  std::uint64_t post(client& who, const std::string& id) {
    return who.post(where.str(), id)["seq"];
  }
};

/// Alice and Bob have talked; then new members were to see nothing of that, and Dora came.
struct late_comer {
  crew all;
  std::uint64_t early, edited, after;
  late_comer() {
    early = all.post(all.alice, "early"); // 2
    edited = all.post(all.bob, "edited"); // 3
    all.alice.ask(pin_message{all.where, early});
    update_conversation what{all.where};
    what.history = shown_past::joined;
    const json changed = all.alice.ask(what);
    CHECK(changed["type"] == "ok");
    all.alice.ask(add_members{all.where, {user_id{"dora"}}, {}, {}}); // 6
    send_message reply{all.where, client_id{"reply"}, "an answer"};
    reply.reply_to = early;
    after = all.alice.ask(reply)["seq"];
    all.bob.ask(edit_message{all.where, edited, "other words"});
  }
};

TEST_CASE("who joins a conversation without a past sees nothing of it in any way") {
  late_comer scene;
  crew& all = scene.all;
  for (int life = 0; life < 2; ++life) {
    client dora{all.it, "dora"};
    for (const auto& asked : {history{all.where, {}, {}, {}, {}}, history{all.where, {}, 0, {}, {}},
                              history{all.where, {}, {}, 3, {}}}) {
      const json page = dora.ask(history{asked});
      REQUIRE(page["type"] == "page");
      CHECK(page["first"] == 6);
      for (const auto& each : page["events"]) {
        CHECK(each["seq"] >= 6);
        CHECK(each["type"] != "edited"); // of what she does not see
        CHECK_FALSE(each.contains("reply"));
      }
    }
    CHECK(dora.ask(history{all.where, 6, {}, {}, {}})["events"].empty());
    CHECK(dora.ask(sync_events{all.where, 0, {}})["first"] == 6);
    CHECK(dora.ask(get_pins{all.where})["items"].empty());
    CHECK(code_of(dora.ask(get_versions{all.where, scene.edited})) == "not_found");
    CHECK(code_of(dora.ask(get_receipts{all.where, scene.edited})) == "not_found");
    CHECK(code_of(dora.ask(get_reactions{all.where, scene.edited})) == "not_found");
    CHECK(code_of(dora.ask(react{all.where, scene.early, "+1"})) == "not_found");
    CHECK(code_of(dora.ask(pin_message{all.where, scene.early})) == "not_found");
    CHECK(code_of(dora.ask(erase{all.where, scene.early, audience::me})) == "not_found");
    send_message what{all.where, client_id{"n" + std::to_string(life)}, "hi"};
    what.reply_to = scene.early;
    CHECK(code_of(dora.ask(send_message{what})) == "not_found");
    what.reply_to.reset();
    what.thread = scene.early;
    CHECK(code_of(dora.ask(send_message{what})) == "not_found");
    CHECK(code_of(dora.ask(get_thread{all.where, scene.early})) == "not_found");
    CHECK(code_of(dora.ask(read_thread{all.where, scene.early, 6})) == "not_found");
    client bob{all.it, "bob"};
    CHECK(bob.ask(history{all.where, {}, {}, {}, {}})["first"] == 1);
    CHECK(bob.ask(get_pins{all.where})["items"].size() == 1);
    CHECK(bob.ask(get_conversation{all.where})["history"] == "joined");
    all.it.restart();
  }
}

/// The numbers of edits among these events, which may say nothing.
json silent_edits(const json& events, std::uint64_t of) {
  json found = json::array();
  for (const auto& each : events)
    if (each["type"] == "edited") {
      CHECK_FALSE(each.contains("body"));
      CHECK(each["deleted"] == true);
      CHECK(each["message"] == of);
      found.push_back(each["seq"]);
    }
  return found;
}

TEST_CASE("an edit of what is before one's time says nothing, live, on a resume and in a page") {
  late_comer scene; // who edits once while Dora is away
  crew& all = scene.all;
  client dora{all.it, "dora"};
  const std::string cursor = dora.greeting()["cursor"];
  all.bob.ask(edit_message{all.where, scene.edited, "newer words"});
  all.it.pass(limits::checkpoint_interval);
  CHECK(silent_edits(dora.events(), scene.edited) == json::array({9}));
  for (int life = 0; life < 2; ++life) {
    client back{all.it, "dora", cursor};
    CHECK(silent_edits(back.events(), scene.edited) == json::array({9}));
    CHECK(silent_edits(back.ask(sync_events{all.where, 6, {}})["events"], scene.edited) ==
          json::array({8, 9}));
    client sees{all.it, "bob"};
    std::size_t said = 0;
    for (const auto& each : json(sees.ask(sync_events{all.where, 6, {}})["events"]))
      said += each["type"] == "edited" && each.contains("body") ? 1 : 0;
    CHECK(said == 2);
    all.it.restart();
  }
}

TEST_CASE("who was taken out while away is told no more by edits than they were there for") {
  for (const bool anew : {false, true}) {
    late_comer scene;
    crew& all = scene.all;
    client dora{all.it, "dora"};
    const std::string cursor = dora.greeting()["cursor"];
    dora.close();
    all.bob.ask(edit_message{all.where, scene.edited, "newer words"});
    all.alice.ask(remove_member{all.where, user_id{"dora"}, {}});
    if (anew)
      all.it.restart();
    client back{all.it, "dora", cursor};
    const json events = back.events();
    CHECK(silent_edits(events, scene.edited) == json::array({9}));
    CHECK(events.dump().find("newer words") == std::string::npos);
  }
}

TEST_CASE("what was settled when one joined holds, and anew when one comes back") {
  late_comer scene;
  crew& all = scene.all;
  update_conversation back{all.where};
  back.history = shown_past::all;
  CHECK(all.alice.ask(back)["type"] == "ok");
  client dora{all.it, "dora"};
  CHECK(dora.ask(history{all.where, {}, {}, {}, {}})["first"] == 6);
  all.alice.ask(add_members{all.where, {user_id{"erin"}}, {}, {}});
  client erin{all.it, "erin"};
  CHECK(erin.ask(history{all.where, {}, {}, {}, {}})["first"] == 1);
  dora.ask(leave{all.where, {}});
  CHECK(code_of(dora.ask(history{all.where, {}, {}, {}, {}})) == "not_found");
  all.alice.ask(add_members{all.where, {user_id{"dora"}}, {}, {}});
  CHECK(dora.ask(history{all.where, {}, {}, {}, {}})["first"] == 1);
}

TEST_CASE("a list shows no last message that is before one's time") {
  crew all;
  all.post(all.alice, "early");
  update_conversation what{all.where};
  what.history = shown_past::joined;
  all.alice.ask(what);
  all.alice.ask(add_members{all.where, {user_id{"dora"}}, {}, {}});
  client dora{all.it, "dora"};
  CHECK_FALSE(dora.ask(list_conversations{})["items"][0].contains("last"));
  CHECK(all.bob.ask(list_conversations{})["items"][0].contains("last"));
}

TEST_CASE("whoever was added while away is told how the conversation is moderated") {
  crew all;
  std::string cursor;
  {
    client dora{all.it, "dora"};
    cursor = dora.greeting()["cursor"];
    dora.close();
  }
  update_conversation what{all.where};
  what.history = shown_past::joined;
  what.slow_mode = 3;
  all.alice.ask(what);
  all.alice.ask(add_members{all.where, {user_id{"dora"}}, {}, {}});
  client dora{all.it, "dora", cursor};
  bool is_told = false;
  for (const auto& each : dora.events())
    is_told = is_told || (each["type"] == "conversation" && each["history"] == "joined" &&
                          each["slow_mode"] == 3);
  CHECK(is_told);
}

TEST_CASE("only owners settle what new members see, and nobody in a direct conversation") {
  crew all;
  update_conversation what{all.where};
  what.history = shown_past::joined;
  CHECK(code_of(all.bob.ask(what)) == "forbidden");
  create pair{conversation_kind::direct, user_id{"bob"}, {}, {}, {}};
  what.conversation = conversation_id{all.alice.ask(pair)["conversation"].get<std::string>()};
  CHECK(code_of(all.alice.ask(what)) == "forbidden");
}

} // namespace past_test
