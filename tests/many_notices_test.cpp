// What a notification says of its conversation, and what becomes of too many.
#include <string>
#include <vector>

#include "actors/limits_of_notices.hpp"
#include "tests/support/absence.hpp"

namespace parley::test {

namespace many_notices_test {

using namespace std::chrono_literals;

/// Bob is there, but looks at nothing.
struct crowded : scene_of_absence {
  client bob{it, "bob"};

  crowded() {
    where = group();
    bob.ask(set_presence{presence_status::away});
    bob.events();
  }
  conversation_id group() {
    return conversation_id{make_group(alice, {user_id{"bob"}}).get<std::string>()};
  }
  std::vector<json> told() { return of_type(bob.events(), "notification"); }
  /// Both read what comes, or else they would be let go.
  std::vector<json> told_within(std::chrono::seconds time) {
    std::vector<json> all;
    for (; time.count() > 0; time -= std::chrono::seconds{1}) {
      it.pass(1s);
      alice.events();
      for (auto& each : told())
        all.push_back(std::move(each));
    }
    return all;
  }
  json item_of(const conversation_id& conversation) {
    const json page = bob.ask(list_notifications{100});
    for (const auto& each : page["items"])
      if (each["conversation"] == conversation.str())
        return each;
    return {};
  }
  std::uint64_t counted(notice_change what) const {
    return of(it.engine->context()->metrics->notices, what).value();
  }
};

TEST_CASE("a notification says how much is new, and what its conversation is called") {
  crowded all;
  for (int i = 0; i < 12; ++i)
    all.write("a" + std::to_string(i));
  all.wait();
  const auto told = all.told();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["count"] == 12);
  CHECK(told[0]["unread"] == 12);
  CHECK(told[0]["title"] == "Crew");
  CHECK_FALSE(told[0].contains("joined"));
  CHECK(all.item_of(all.where)["count"] == 12);
  CHECK(all.item_of(all.where)["title"] == "Crew");
}

TEST_CASE("what is new is what was neither read nor dismissed") {
  crowded all;
  for (int i = 0; i < 3; ++i)
    all.write("a" + std::to_string(i));
  all.wait();
  const bool each = GENERATE(true, false);
  all.bob.ask(dismiss_notifications{each ? std::optional{all.where} : std::nullopt});
  all.bob.events();
  all.write("b0");
  all.wait();
  const auto told = all.told();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["unread"] == 4);
  CHECK(told[0]["count"] == 1);
  const auto last = all.write("b1"); // it grows
  all.wait();
  CHECK(all.told()[0]["count"] == 2);
  CHECK(all.item_of(all.where)["unread"] == 5);
  CHECK(all.item_of(all.where)["count"] == 2);
  all.alice.ask(erase{all.where, last, audience::everyone});
  CHECK(all.item_of(all.where)["count"] == 1);
  all.bob.ask(mark_read{all.where, 3});
  CHECK(all.item_of(all.where)["unread"] == 2);
  CHECK(all.item_of(all.where)["count"] == 1);
}

TEST_CASE("a direct conversation is called as who is in it") {
  crowded all;
  const conversation_id pair{
      all.alice.ask(create{conversation_kind::direct, user_id{"bob"}, {}, {}, {}})["conversation"]
          .get<std::string>()};
  all.write(all.alice, pair, "p1");
  all.wait();
  CHECK(all.told()[0]["title"] == "alice");
  CHECK(all.item_of(pair)["title"] == "alice");
  CHECK(code_of(all.alice.ask(set_profile{erasable_text{"Alice A."}})) == "ok");
  all.write(all.alice, pair, "p2");
  all.wait();
  CHECK(all.told()[0]["title"] == "Alice A.");
  CHECK(all.item_of(pair)["title"] == "Alice A.");
}

TEST_CASE("of too many in a moment the further ones are told of together") {
  crowded all;
  constexpr std::size_t further = 5;
  std::vector<conversation_id> rooms;
  for (std::size_t i = 0; i < limits::notices_one_by_one + further; ++i)
    rooms.push_back(all.group());
  for (const auto& each : rooms)
    all.write(all.alice, each, "m1");
  const auto told = all.told_within(15s);
  REQUIRE(told.size() == rooms.size());
  std::vector<conversation_id> joined;
  for (const auto& each : told)
    if (each.contains("joined"))
      joined.emplace_back(each["conversation"].get<std::string>());
  REQUIRE(joined.size() == further);
  CHECK(all.counted(notice_change::made) == rooms.size());
  CHECK(all.counted(notice_change::joined) == further);
  CHECK(all.item_of(joined[0])["joined"] == true);
  CHECK(all.item_of(joined[0])["title"] == "Crew");
  // What grows stays where it is, also when there is room again.
  CHECK(all.told_within(limits::notice_window).empty());
  all.write(all.alice, joined[0], "m2");
  all.wait();
  CHECK(all.told()[0]["joined"] == true);
  CHECK(all.item_of(joined[0])["count"] == 2);
  // What is new there then is told by itself.
  all.bob.ask(dismiss_notifications{joined[0]});
  all.bob.events();
  all.write(all.alice, joined[0], "m3");
  all.wait();
  const auto again = all.told();
  REQUIRE(again.size() == 1);
  CHECK_FALSE(again[0].contains("joined"));
  CHECK(again[0]["count"] == 1);
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("a call for those who are there is no mention for who is not, but counts as one") {
  crowded all;
  set_preferences only;
  only.conversation = all.where;
  only.notify = notify_level::mentions;
  CHECK(code_of(all.bob.ask(std::move(only))) == "ok");
  const std::vector here{user_id{"@here"}};
  const auto called = all.write("h1", here);
  all.wait();
  CHECK(all.told().empty());
  CHECK(all.item_of(all.where).empty());
  CHECK(all.bob.ask(list_conversations{})["items"][0]["mentions"] == 1);
  SECTION("everyone is mentioned") {
    all.write("e1", std::vector{user_id{"@all"}});
    all.wait();
    const auto told = all.told();
    REQUIRE(told.size() == 1);
    CHECK(told[0]["mentions"] == 2);
    all.write("h2", here);
    all.wait();
    CHECK(all.told().empty());
  }
  SECTION("he is named beside it") {
    all.write("n1", std::vector{user_id{"@here"}, user_id{"bob"}});
    all.wait();
    CHECK(all.told().size() == 1);
  }
  SECTION("an edit mentions everyone instead") {
    const std::vector everyone{user_id{"@all"}};
    CHECK(code_of(all.alice.ask(edit_message{all.where, called, "all!", everyone})) == "ok");
    all.wait();
    CHECK(all.told().size() == 1);
  }
  SECTION("an edit calls as well") {
    const auto plain = all.write("p1");
    CHECK(code_of(all.alice.ask(edit_message{all.where, plain, "here!", here})) == "ok");
    all.wait();
    CHECK(all.told().empty());
  }
}

TEST_CASE("whoever is told of everything is told of a call, too") {
  crowded all;
  all.write("h1", std::vector{user_id{"@here"}});
  all.wait();
  const auto told = all.told();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["mentions"] == 1);
}

} // namespace many_notices_test

} // namespace parley::test
