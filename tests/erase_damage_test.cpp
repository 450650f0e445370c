// What cannot be read stands in the way of nothing else: not of an erasure, not of reading.
#include <optional>
#include <string>

#include "tests/support/erasure_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace erase_damage_test {

/// The newest segment of a conversation.
std::string segment_of(const read_model& model, const conversation_id& where) {
  auto reading = must(model.tables()->read());
  cursor at = reading.rows(index_of(model_table::cold));
  std::string key;
  for (bool more = at.seek(event_prefix(where)); more && at.key().starts_with(event_prefix(where));
       more = at.next())
    key = at.key();
  REQUIRE_FALSE(key.empty());
  return key;
}

/// Old events of the group cannot be read any more; what came later can.
struct damaged_scene : scene_of_erasure {
  std::uint64_t last = 0;          ///< The last event that is damaged.
  std::uint64_t messages = 3 + 30; ///< Of Zeno among them.

  damaged_scene() {
    grow_old();
    post(*zeno, group, "fresh", "what a conversation is loaded with is not old");
    const std::string key = segment_of(it.engine->model(), group);
    last = split_event_key(key)->second.value();
    spoil_row(model_table::cold, key);
  }
  void spoil_row(model_table table, const std::string& key) {
    zeno.reset();
    bob.reset();
    eve.reset();
    it.engine.reset();
    spoil(it.data.path(), table, key);
    it.engine = it.start();
    bob.emplace(it, "bob");
  }
  void restart() {
    bob.reset();
    it.restart();
    bob.emplace(it, "bob");
  }
};

TEST_CASE("an erasure ends past messages that cannot be read, and says how many there are") {
  for (const auto policy : {erasure_policy::remove, erasure_policy::anonymise}) {
    damaged_scene all;
    const auto done = all.finish(all.begin(policy).id);
    CHECK(all.it.engine->failures().empty());
    CHECK(done.damaged == all.messages);
    CHECK(done.passed_over == 0);
    const json event = event_at(*all.bob, all.group, all.last + 2); // behind one of Bob's
    CHECK(event["from"] == done.pseudonym.str());
    CHECK(event.contains("deleted") == (policy == erasure_policy::remove));
    CHECK(event_at(*all.bob, all.pair, 2)["from"] == done.pseudonym.str());
    CHECK(encode_user_erasure(done).find("damaged_messages") != std::string::npos);
    all.restart();
    CHECK(all.receipt(done.id) == done);
  }
}

TEST_CASE("a conversation whose rows cannot be read is passed over, and the receipt says so") {
  scene_of_erasure all;
  std::string key;
  {
    auto reading = must(all.it.engine->model().tables()->read());
    cursor at = reading.rows(index_of(model_table::reactions));
    for (bool more = at.first(); more; more = at.next())
      if (at.key().ends_with(all.name))
        key = at.key();
    REQUIRE_FALSE(key.empty());
  }
  all.zeno.reset();
  all.bob.reset();
  all.eve.reset();
  all.it.engine.reset();
  spoil(all.it.data.path(), model_table::reactions, key);
  all.it.engine = all.it.start();
  all.bob.emplace(all.it, "bob");
  const auto done = all.finish(all.begin(erasure_policy::anonymise).id);
  CHECK(done.passed_over == 1);
  CHECK(event_at(*all.bob, all.pair, 2)["from"] == done.pseudonym.str());
  CHECK(event_at(*all.bob, all.group, all.first)["from"] == all.name); // as it was
  CHECK(encode_user_erasure(done).find("damaged_conversations") != std::string::npos);
}

TEST_CASE("whoever reads up to what cannot be read has read it, and the server goes on") {
  damaged_scene all;
  REQUIRE(all.bob->ask(mark_read{all.group, all.last - 1, {}})["type"] == "ok");
  all.it.pass(500ms);
  CHECK(all.it.engine->failures().empty());
  const auto unread = [&](client& who) {
    const json listed = who.ask(list_conversations{});
    INFO(listed.dump());
    CHECK(listed["type"] == "conversations");
    for (const auto& each : listed["items"])
      if (each["conversation"] == all.group.str())
        return each["unread"].get<std::uint64_t>();
    return std::uint64_t{999};
  };
  CHECK(unread(*all.bob) == 2); // one in front of Bob's own, and one behind it
  all.restart();
  CHECK(unread(*all.bob) == 2);
  CHECK(all.it.engine->failures().empty());
}

} // namespace erase_damage_test
