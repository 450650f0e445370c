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
    data.write_each(
        {told.pinned("room", name, "bob", 5), told.reacted("room", name, "bob", 7, "+1"),
         told.hidden("room", name, "bob", 9, {{user_id{name}}}), told.left("room", "bob", name)});
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

} // namespace persistence_erasures_test

} // namespace parley::test
