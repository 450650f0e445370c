// What the store knows of users: when they were seen, and with whom they share a conversation.

#include "actors/limits_people.hpp"
#include "persistence/store_actors.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/store_of_test.hpp"

using namespace parley;
using namespace parley::test;

namespace persistence_people_test {

using namespace std::chrono_literals;

std::vector<user_id> users(const std::vector<std::string>& names) {
  std::vector<user_id> ids;
  for (const auto& each : names)
    ids.emplace_back(each);
  return ids;
}

struct people {
  store_of_test data;
  story told;

  std::vector<user_id> shared(const std::string& user, const std::vector<std::string>& others) {
    return must(data.model()->shared_with(user_id{user}, users(others))).shared;
  }
  std::optional<timestamp> seen(const std::string& user) {
    return must(data.model()->last_seen(user_id{user})).at;
  }
};

TEST_CASE("the latest word on when a user was seen stays, across a restart") {
  people all;
  const auto first = all.told.seen("alice");
  const auto second = all.told.seen("alice");
  const auto of_bob = all.told.seen("bob");
  all.data.write({{first}, {all.told.created("c", {"alice"}), of_bob, second}});
  all.data.close();
  all.data.open();
  CHECK(all.seen("alice") == second->at);
  CHECK(all.seen("bob") == of_bob->at);
  CHECK_FALSE(all.seen("carol"));
  all.data.close();
  CHECK(problems_of(all.data.path()) == "");
}

TEST_CASE("a record of someone who was seen comes back from its bytes") {
  story told;
  const auto seen = told.seen("alice");
  REQUIRE(is_storable(*seen));
  CHECK(encode_batch({{seen}}).size() <= encoded_bound(*seen) + 32);
  const auto back = must(decode_batch(encode_batch({{seen}})));
  REQUIRE(back.size() == 1);
  CHECK(back[0]->kind == record_kind::seen);
  CHECK(back[0]->actor == seen->actor);
  CHECK(back[0]->at == seen->at);
  record bad = *seen;
  bad.conversation = conversation_id{"c"};
  CHECK_FALSE(is_storable(bad));
  bad = *seen;
  bad.actor = user_id{};
  CHECK_FALSE(is_storable(bad));
}

TEST_CASE("users share a conversation while both are in it") {
  people all;
  all.data.write_each({all.told.created("a", {"alice", "bob"}), all.told.created("b", {"alice"}),
                       all.told.created("c", {"carol", "dave"}),
                       all.told.created("d", {"alice", "carol"})});
  CHECK(all.shared("alice", {"bob", "carol", "dave", "nobody"}) == users({"bob", "carol"}));
  CHECK(all.shared("dave", {"alice", "carol"}) == users({"carol"}));
  CHECK(all.shared("nobody", {"alice"}).empty());
  all.data.write_each({all.told.left("a", "alice", "bob")});
  CHECK(all.shared("alice", {"bob", "carol"}) == users({"carol"}));
  CHECK(all.shared("bob", {"alice"}).empty());
  all.data.write_each({all.told.joined("c", "carol", "bob"), all.told.joined("a", "alice", "bob"),
                       all.told.left("a", "alice", "alice")});
  CHECK(all.shared("bob", {"alice", "carol", "dave"}) == users({"carol", "dave"}));
}

TEST_CASE("one shared conversation among many of both is found") {
  people all;
  std::vector<record_ptr> records;
  for (int i = 0; i < 200; ++i)
    records.push_back(
        all.told.created("m" + std::to_string(i), {i % 2 == 0 ? "even" : "odd", "someone"}));
  records.push_back(all.told.created("m150x", {"even", "odd"}));
  all.data.write({records});
  CHECK(all.shared("even", {"odd"}) == users({"odd"}));
  CHECK(all.shared("odd", {"even"}) == users({"even"}));
  all.data.write_each({all.told.left("m150x", "even", "odd")});
  CHECK(all.shared("even", {"odd", "someone"}) == users({"someone"}));
}

TEST_CASE("whoever a question does not reach is left to the next one, never taken for a stranger") {
  people all;
  std::vector<std::string> others;
  for (int i = 0; i < 60; ++i)
    others.push_back("other" + std::to_string(i));
  std::vector<record_ptr> records;
  for (int i = 0; i < 400; i += 2) { // each walk passes all of these
    records.push_back(all.told.created("k" + std::to_string(1000 + i), {"alice"}));
    records.push_back(all.told.created("k" + std::to_string(1001 + i), others));
  }
  auto everyone = others;
  everyone.push_back("alice");
  records.push_back(all.told.created("z", everyone));
  all.data.write({records});
  auto rest = users({});
  for (const auto& each : others)
    rest.emplace_back(each);
  std::size_t questions = 0;
  for (; !rest.empty(); ++questions) {
    const auto found = must(all.data.model()->shared_with(user_id{"alice"}, rest));
    REQUIRE(found.reached > 0);
    CHECK(found.shared.size() == found.reached);
    rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(found.reached));
  }
  CHECK(questions > 1);
}

TEST_CASE("an answer says at which position it was so") {
  people all;
  all.data.write_each({all.told.created("a", {"alice", "bob"}), all.told.seen("alice")});
  CHECK(must(all.data.model()->shared_with(user_id{"alice"}, users({"bob"}))).as_of == position{2});
}

/// A log writer over a real log, among probes.
class writing : public engine_fixture {
public:
  writing() {
    marks->memberships.all_changed(position{});
    replace(handles->log_writer,
            spawn_log_writer(system(), {handles, marks}, data.log(), data.model(), lane));
  }
  void write(record_ptr what, conversation_actor from = {}) {
    tell_from_outside(handles->log_writer,
                      append{std::move(from), append_number{1}, std::move(what), {}});
    run();
    while (lane->step())
      run();
  }
  position newest(const std::string& user) {
    return marks->memberships.newest(membership_marks::group_of(user_id{user}));
  }
  store_of_test data;
  story told;
};

TEST_CASE("the log writer marks whose memberships changed before anyone hears of it") {
  writing it;
  const auto from = it.conversation("c");
  it.write(it.told.created("c", {"alice", "bob"}), from);
  CHECK(it.newest("alice") == position{1});
  CHECK(it.newest("bob") == position{1});
  it.write(it.told.message("c", "alice", "x"), from);
  CHECK(it.marks->memberships.newest() == position{1});
  it.write(it.told.left("c", "alice", "bob"), from);
  CHECK(it.newest("bob") == position{3});
  CHECK(it.newest("alice") == position{1});
  CHECK(it.marks->memberships.newest() == position{3});
}

TEST_CASE("that someone was seen is written although nobody waits, and holds up nothing") {
  writing it;
  it.write(it.told.seen("alice"));
  it.write(it.told.seen("alice"));
  CHECK(it.marks->committed() == position{2});
  it.write(it.told.created("c", {"alice"}), it.conversation("c"));
  CHECK(it.marks->committed() == position{3});
}

TEST_CASE("profiles are shown to whoever shares a conversation and is not blocked") {
  people all;
  const auto profile = [&](const char* user, const char* name) {
    return all.told.of_book(record_kind::profiled, user,
                            {{}, {}, {}, {}, user_profile{name, "", "", timestamp{1h}}});
  };
  all.data.write_each({all.told.created("a", {"alice", "bob", "carol"}),
                       all.told.created("b", {"dave"}), profile("alice", "Alice"),
                       profile("dave", "Dave"), all.told.blocked("alice", "carol")});
  const auto shown = [&](const char* reader) {
    std::vector<std::string> names;
    for (const auto& each : must(all.data.model()->profiles(
             user_id{reader}, users({"dave", "alice", "alice", "bob", "nobody"}))))
      names.push_back(each.user.str() + "=" + each.what.name);
    return names;
  };
  using lines = std::vector<std::string>;
  CHECK(shown("bob") == lines{"alice=Alice", "bob="});
  CHECK(shown("carol") == lines{"bob="});
  CHECK(shown("alice") == lines{"alice=Alice", "bob="});
  CHECK(shown("dave") == lines{"dave=Dave"});
  CHECK(shown("nobody") == lines{"nobody="});
  all.data.write_each({all.told.left("a", "alice", "bob"), profile("alice", "")});
  CHECK(shown("bob") == lines{"bob="});
  CHECK(shown("alice") == lines{"alice="});
}

TEST_CASE("what bears on a user is read from both sides, up to a bound") {
  people all;
  all.data.write_each({all.told.blocked("alice", "bob"), all.told.blocked("carol", "alice"),
                       all.told.blocked("carol", "bob")});
  const auto of = [&](const char* user) {
    return must(all.data.model()->dealings_of(user_id{user}));
  };
  CHECK(of("alice").blocked == users({"bob"}));
  CHECK(of("alice").blockers == users({"carol"}));
  CHECK(of("alice").as_of == position{3});
  CHECK(of("bob").blocked.empty());
  CHECK(of("bob").blockers == users({"alice", "carol"}));
  CHECK(of("bob").types);
  CHECK(of("bob").is_complete);
  std::vector<record_ptr> records;
  for (std::size_t i = 0; i <= limits::dealings; ++i)
    records.push_back(all.told.blocked("user" + std::to_string(i), "dave"));
  records.push_back(all.told.of_book(record_kind::tuned, "bob",
                                     {{}, {}, {}, {{}, {}, {}, {}, false, false}, {}}));
  all.data.write({records});
  CHECK_FALSE(of("dave").is_complete);
  CHECK(of("dave").blockers.size() == limits::dealings);
  CHECK_FALSE(of("bob").types);
  CHECK_FALSE(must(all.data.model()->last_seen(user_id{"bob"})).is_shown);
  CHECK(must(all.data.model()->last_seen(user_id{"dave"})).is_shown);
}

} // namespace persistence_people_test
