// What administrators hold: nothing of it goes, and nobody else hears of it.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/retention_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace holds_test {

using crew = keeping_crew;

TEST_CASE("administrators alone hold a conversation, and nobody else hears of it") {
  crew all;
  client admin{all.it, "admin root"};
  all.bob.events();
  for (auto* each : {&all.alice, &all.bob}) {
    CHECK(code_of(each->ask(hold_conversation{all.where, true})) == "forbidden");
    CHECK(code_of(each->ask(hold_conversation{conversation_id{"nowhere"}, true})) == "forbidden");
    CHECK(code_of(each->ask(list_holds{})) == "forbidden");
  }
  CHECK(code_of(admin.ask(hold_conversation{conversation_id{"nowhere"}, true})) == "not_found");
  const json answer = admin.ask(hold_conversation{all.where, true, client_id{"h1"}});
  CHECK(code_of(answer) == "ok");
  CHECK_FALSE(answer.contains("seq"));
  CHECK(code_of(admin.ask(hold_conversation{all.where, true})) == "ok");
  const json listed = admin.ask(list_holds{});
  REQUIRE(listed["items"].size() == 1);
  CHECK(listed["items"][0]["conversation"] == all.where.str());
  CHECK(listed["items"][0]["by"] == "root");
  CHECK(code_of(admin.ask(get_conversation{all.where})) == "not_found");
  all.it.restart();
  client again{all.it, "admin root"};
  CHECK(again.ask(list_holds{})["items"].size() == 1);
  CHECK(code_of(again.ask(hold_conversation{all.where, true, client_id{"h1"}})) == "ok");
  CHECK(code_of(again.ask(hold_conversation{all.where, false, client_id{"h1"}})) == "conflict");
  CHECK(code_of(again.ask(hold_conversation{all.where, false})) == "ok");
  CHECK(again.ask(list_holds{})["items"].empty());
  CHECK(code_of(again.ask(hold_conversation{all.where, true, client_id{"h1"}})) == "ok");
  CHECK(again.ask(list_holds{})["items"].empty()); // a retry, which holds nothing anew
  all.check_store();
}

TEST_CASE("the list of holds comes page by page") {
  crew all;
  client admin{all.it, "admin root"};
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) {
    made.push_back(make_group(all.alice, {}).get<std::string>());
    admin.ask(hold_conversation{conversation_id{made.back()}, true});
  }
  std::vector<std::string> listed;
  std::optional<std::string> cursor;
  do {
    const json page = admin.ask(list_holds{2, cursor});
    CHECK(page["items"].size() <= 2);
    for (const auto& each : page["items"])
      listed.push_back(each["conversation"]);
    cursor =
        page.contains("cursor") ? std::optional{page["cursor"].get<std::string>()} : std::nullopt;
  } while (cursor);
  std::sort(made.begin(), made.end());
  CHECK(listed == made);
  CHECK(code_of(admin.ask(list_holds{{}, "?"})) == "bad_request");
}

TEST_CASE("of what is held nothing goes, until the hold ends") {
  crew all;
  client admin{all.it, "admin root"};
  const auto first = all.post(all.alice, "a1");
  send_message soon{all.where, client_id{"e1"}, "soon gone"};
  soon.expires_in = 5;
  const auto expires = all.alice.ask(soon)["seq"].get<std::uint64_t>();
  all.post_many(all.bob, "b", 5);
  CHECK(code_of(admin.ask(hold_conversation{all.where, true})) == "ok");
  CHECK(code_of(all.keep(0, 2)) == "ok");
  const json refused = all.alice.ask(erase{all.where, first, audience::everyone});
  CHECK(code_of(refused) == "forbidden");
  CHECK(refused["message"].get<std::string>().find("held") != std::string::npos);
  CHECK(code_of(all.alice.ask(erase{all.where, first, audience::everyone, {}, first + 3})) ==
        "forbidden");
  CHECK(code_of(all.alice.ask(erase{all.where})) == "forbidden");
  CHECK(code_of(all.bob.ask(erase{all.where, first, audience::me})) == "ok");
  CHECK(code_of(all.alice.ask(edit_message{all.where, first, "better"})) == "ok");
  CHECK(all.alice.ask(get_versions{all.where, first})["items"].size() == 2);
  for (int i = 0; i < 10; ++i)
    all.it.pass(1s);
  CHECK(all.kept_from() == 0);
  all.it.restart();
  for (int i = 0; i < 10; ++i)
    all.it.pass(1s);
  {
    client alice{all.it, "alice"};
    CHECK(all.kept_from() == 0);
    const json page = alice.ask(history{all.where, {}, expires - 1, {}, 1});
    CHECK(page["events"][0]["body"] == "soon gone");
    CHECK(code_of(alice.ask(erase{all.where, first, audience::everyone})) == "forbidden");
  }
  SECTION("what has expired goes then") {
    client alice{all.it, "alice"};
    update_conversation none{all.where};
    none.retention = retention_bounds{};
    CHECK(code_of(alice.ask(none)) == "ok");
    client again{all.it, "admin root"};
    CHECK(code_of(again.ask(hold_conversation{all.where, false})) == "ok");
    all.wait();
    client bob{all.it, "bob"};
    CHECK(bob.ask(history{all.where, {}, expires - 1, {}, 1})["events"][0]["deleted"] == true);
    CHECK(code_of(alice.ask(erase{all.where, first, audience::everyone})) == "ok");
  }
  SECTION("what is more than is to be kept goes then") {
    client again{all.it, "admin root"};
    CHECK(code_of(again.ask(hold_conversation{all.where, false})) == "ok");
    all.wait();
    CHECK(all.kept_from() == expires + 4);
  }
  all.check_store();
}

} // namespace holds_test
