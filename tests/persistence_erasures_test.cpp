// How the store forgets a name: portion by portion, whole at each, packed or not.
#include <string>
#include <vector>

#include "persistence/queries.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/cold_scene.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_erasures_test {

const std::string name = "zeno-of-elea";
const user_id pseudonym{"erased:0123456789abcdef"};

/// A room in which Zeno and Bob took turns, and all that others keep of Zeno.
struct told_store {
  story told;
  store_of_test data;

  told_store() {
    data.write_each({told.created("room", {name, "bob"}), told.created("hall", {"bob", "eve"}),
                     told.blocked(name, "eve"), told.blocked("eve", name),
                     told.blocked("bob", "eve"), told.held("hall", name)});
    notification_change shown;
    shown.profile =
        user_profile{"Zeno", {}, "known as " + name, timestamp{std::chrono::seconds{1}}};
    data.write_each({told.of_book(record_kind::profiled, name, shown)});
    std::vector<record_ptr> said;
    for (int i = 0; i < 150; ++i) {
      said.push_back(
          told.message("room", name, "old words " + std::to_string(i), {}, {user_id{"bob"}}));
      said.push_back(told.message("room", "bob", "indeed", {}, {user_id{name}}));
    }
    data.write({said});
    data.write_each({told.pinned("room", name, "bob", 5),
                     told.reacted("room", name, "bob", 7, "+1"),
                     told.hidden("room", name, "bob", 9, {{user_id{name}}}),
                     told.invited("room", name, "eve"), told.left("room", "bob", name)});
  }

  read_model& model() { return *data.model(); }
  record_ptr step(erasure_phase phase) {
    user_erasure what;
    what.id = "receipt";
    what.user = user_id{name};
    what.pseudonym = pseudonym;
    what.user_hash = hash_of(what.user);
    what.phase = phase;
    record made;
    made.kind = record_kind::user_erased;
    made.at = timestamp{std::chrono::hours{1}};
    made.event = encode_erasure_step(what);
    return std::make_shared<const record>(std::move(made));
  }
  erasure_work work(erasure_place from = {}) {
    return must(model().work_of_erasure({user_id{name}, erasure_policy::remove, from}));
  }
  std::string check_again() {
    data.close();
    const std::string problems = problems_of(data.path());
    data.open();
    return problems;
  }
  /// Everything that somebody may do who knows him by his name.
  std::vector<record_ptr> said_by_name() {
    const mentioned him{{user_id{name}}};
    preferences pinned;
    pinned.pinned = true;
    return {told.erased("room", name, 2), // its time was over
            told.erased("room", "bob", 3, {}, him),
            told.edited("room", "bob", 11, "indeed not", {user_id{name}}, him),
            told.edited("room", "bob", 13, "nor this", {}, him),
            told.erased("room", "bob", 13, {told.head("room")}, him),
            told.hidden("room", "bob", name, 4),
            told.reacted("room", "bob", name, 6, "+1"),
            told.pinned("room", "bob", name, 8),
            told.message("room", "bob", "where is he?", {}, {user_id{name}}),
            told.message("hall", "bob", "here?", {}, {user_id{name}, user_id{"eve"}}),
            told.joined("room", "bob", name),
            told.joined("hall", "bob", name),
            told.message("room", name, "late", {}, {user_id{"bob"}}),
            told.left("hall", "bob", name),
            told.invited("hall", "bob", name),
            told.restricted("hall", "bob", {user_id{name}, 0, 2'000'000'000'000}),
            told.notified("room", {{user_id{name}, 1, 1, false}}),
            told.blocked("bob", name),
            told.blocked(name, "bob"),
            told.kept("room", name, pinned),
            told.uploaded(name, story::file('a')),
            told.seen(name)};
  }
  bool purge_some() {
    if (model().has_condemned())
      must(model().purge_some());
    return model().has_condemned();
  }
  void forget() {
    data.write_each({step(erasure_phase::begun)});
    CHECK(check_again() == "");
    data.write_each({step(erasure_phase::forgetting)});
    int portions = 0;
    for (; model().has_condemned(); ++portions) {
      must(model().purge_some());
      CHECK(check_again() == "");
    }
    CHECK(portions > 4);
    data.write_each({step(erasure_phase::done)});
    CHECK(check_again() == "");
  }
  std::vector<std::string> rows_with_name() {
    std::vector<std::string> found;
    for (const auto& [key, value] : dump(model()))
      if (key.find(name) != std::string::npos || value.find(name) != std::string::npos)
        found.push_back(key.substr(0, key.find('/')));
    if (unpacked(model()).find(name) != std::string::npos)
      found.emplace_back("unpacked");
    return found;
  }
};

TEST_CASE("the store is whole after each portion of a name that it forgets, also packed ones") {
  for (const bool is_cold : {false, true}) {
    INFO("cold " << is_cold);
    told_store all;
    if (is_cold)
      cool(all.model());
    const auto segments = rows_in(all.model(), model_table::cold);
    CHECK((segments > 1) == is_cold);
    all.forget();
    CHECK(all.rows_with_name() == std::vector<std::string>{});
    CHECK(rows_in(all.model(), model_table::cold) == segments);
    CHECK(rows_in(all.model(), model_table::profiles) == 0);
    CHECK(rows_in(all.model(), model_table::blocked) == 1);
    CHECK(rows_in(all.model(), model_table::blocked_by) == 1);
    CHECK(rows_in(all.model(), model_table::pair_blocks) == 1);
    const auto receipt = must(all.model().user_erasures("receipt")).front();
    CHECK(receipt.messages == 150);
    CHECK(receipt.conversations == 1);
    CHECK(must(all.model().holds({})).items.front().by == pseudonym);
  }
}

TEST_CASE("a name is forgotten where the oldest events fell out, packed or not") {
  for (const bool is_cold : {false, true}) {
    INFO("cold " << is_cold);
    told_store all;
    if (is_cold)
      cool(all.model());
    all.data.write_each({all.told.trimmed("room", 120)});
    all.forget();
    CHECK(all.rows_with_name() == std::vector<std::string>{});
  }
}

TEST_CASE("what is to be deleted is found in packed lists, and not where it fell out or is held") {
  for (const bool is_cold : {false, true}) {
    INFO("cold " << is_cold);
    told_store all;
    if (is_cold)
      cool(all.model());
    erasure_work found = all.work();
    CHECK(found.conversation == conversation_id{"room"});
    REQUIRE(found.messages.size() == 100);
    CHECK(found.messages.front() == sequence{2});
    CHECK(found.messages.back() == sequence{200});
    found = all.work(found.next);
    REQUIRE(found.messages.size() == 50);
    CHECK(found.messages.front() == sequence{202});
    CHECK(found.held == 0);
    CHECK(all.work(found.next).conversation.empty());
    CHECK(must(all.model().held_messages_of(user_id{name})) == 0);
    all.data.write_each({all.told.trimmed("room", 251)});
    CHECK(all.work().messages.front() == sequence{252});
    all.data.write_each({all.told.held("room", "root")});
    CHECK(all.work().conversation.empty());
    CHECK(all.work().held == 1);
    CHECK(must(all.model().held_messages_of(user_id{name})) == 1);
    CHECK(must(all.model().held_messages_of(user_id{"eve"})) == 0);
  }
}

TEST_CASE("an erasure that is over before this model has gone through it is gone through") {
  told_store all; // as when a compaction makes a model anew from what the log has
  for (const auto phase : {erasure_phase::begun, erasure_phase::forgetting, erasure_phase::done})
    all.data.write_each({all.step(phase)});
  CHECK(all.check_again() == "");
  CHECK(all.model().has_condemned());
  while (all.purge_some())
    CHECK(all.check_again() == "");
  CHECK(all.check_again() == "");
  CHECK(all.rows_with_name() == std::vector<std::string>{});
  CHECK(must(all.model().user_erasures("receipt")).front().forgotten);
}

TEST_CASE("what is said by the name while it is forgotten is said under the pseudonym") {
  for (const bool is_cold : {false, true}) {
    bool is_last = false;
    for (int portions = 0; !is_last; ++portions) {
      INFO("cold " << is_cold << ", after " << portions << " portions");
      told_store all;
      if (is_cold)
        cool(all.model());
      all.data.write_each({all.step(erasure_phase::begun)});
      all.data.write_each({all.step(erasure_phase::forgetting)});
      for (int i = 0; i < portions; ++i)
        is_last = !all.purge_some();
      put_bytes(all.data.path(), story::file('a'));
      all.data.write_each(all.said_by_name());
      CHECK(all.check_again() == "");
      while (all.purge_some())
        continue;
      all.data.write_each({all.step(erasure_phase::done)});
      CHECK(all.check_again() == "");
      CHECK(all.rows_with_name() == std::vector<std::string>{});
      const auto members = must(all.model().snapshot(conversation_id{"hall"}));
      CHECK(members.members.size() == 2);
      CHECK(rows_in(all.model(), model_table::restrictions) == 0);
    }
  }
}

TEST_CASE("what was read under the name is done to what has the pseudonym by now") {
  for (const bool is_cold : {false, true}) {
    INFO("cold " << is_cold);
    told_store all;
    if (is_cold)
      cool(all.model());
    all.forget();
    const mentioned him{{user_id{name}}};
    all.data.write_each(
        {all.told.erased("room", name, 2), all.told.erased("room", "bob", 3, {}, him),
         all.told.edited("room", "bob", 5, "indeed not", {}, him),
         all.told.hidden("room", "bob", name, 4), all.told.erased("room", "bob", 9, {}, him),
         all.told.joined("room", name, "eve")});
    CHECK(all.check_again() == "");
    CHECK(all.rows_with_name() == std::vector<std::string>{});
  }
}

TEST_CASE("a name is not forgotten while its user is in a conversation") {
  told_store all;
  all.data.write_each({all.step(erasure_phase::begun), all.told.joined("hall", "bob", name),
                       all.step(erasure_phase::forgetting)});
  CHECK(must(all.model().user_erasures("receipt")).front().phase == erasure_phase::begun);
  CHECK(all.work().conversation == conversation_id{"hall"});
  all.data.write_each({all.told.left("hall", name, name)});
  all.data.write_each({all.step(erasure_phase::forgetting)});
  while (all.purge_some())
    continue;
  all.data.write_each({all.step(erasure_phase::done)});
  CHECK(all.check_again() == "");
  CHECK(all.rows_with_name() == std::vector<std::string>{});
}

TEST_CASE("somebody else who comes under a name that is forgotten is who is meant by it") {
  told_store all;
  all.forget();
  all.data.write_each({all.told.joined("room", "bob", name),
                       all.told.message("room", name, "a stranger"),
                       all.told.message("room", "bob", "welcome", {}, {user_id{name}}),
                       all.told.edited("room", name, all.told.head("room") - 1, "a friend")});
  CHECK(all.check_again() == "");
  const auto members = must(all.model().snapshot(conversation_id{"room"}));
  CHECK(members.members.size() == 2);
  CHECK(all.rows_with_name().size() > 4);
}

} // namespace persistence_erasures_test

} // namespace parley::test
