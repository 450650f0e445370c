// One damaged row keeps nothing else from falling out, and stops nobody.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "actors/limits_retention.hpp"
#include "persistence/queries.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/cold_scene.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_retention_damage_test {

const user_id alice{"alice"};
const user_id bob{"bob"};

/// In a room a message with a file, one that is edited, hidden and reacted to, and others: up to
/// 11.
std::vector<record_ptr> talk(story& told, const std::string& in) {
  std::vector<record_ptr> all{told.created(in, {"alice", "bob"}),
                              told.with_files(in, "alice", {story::file('1')}),
                              told.message(in, "alice", "first", {}, {bob}),
                              told.edited(in, "alice", 3, "second", {}, {{bob}, false}),
                              told.hidden(in, "bob", "alice", 3),
                              told.reacted(in, "bob", "alice", 3, "+1")};
  for (int i = 0; i < 6; ++i) // 6 to 11
    all.push_back(told.message(in, "bob", "x", {}, {alice}));
  return all;
}

struct two_rooms {
  store_of_test data;
  story told;
  two_rooms() {
    data.write_each({told.uploaded("alice", story::file('1'))});
    for (const char* room : {"room", "zoo"})
      data.write_each(talk(told, room));
  }
  /// Damages the first row of a table whose key begins like this.
  void damage(model_table table, const std::string& prefix) {
    std::string found;
    const std::string begin = std::string(model_table_names[index_of(table)]) + "/";
    for (const auto& [key, value] : dump(*data.model()))
      if (found.empty() && key.starts_with(begin + prefix))
        found = key.substr(begin.size());
    REQUIRE_FALSE(found.empty());
    data.close();
    spoil(data.path(), table, found);
    data.open();
  }
  /// Numbers of events that are left of a conversation.
  std::size_t events(const std::string& room) {
    std::size_t count = 0;
    auto reading = must(data.model()->tables()->read());
    cursor at = reading.rows(index_of(model_table::events));
    const std::string prefix = event_prefix(conversation_id{room});
    for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next())
      ++count;
    return count;
  }
  void purge() {
    for (int i = 0; i < 100 && data.model()->has_condemned(); ++i)
      must(data.model()->purge_some());
    CHECK_FALSE(data.model()->has_condemned());
  }
};

TEST_CASE("what cannot be read goes with its event") {
  two_rooms it;
  it.data.write_each({it.told.trimmed("room", 8), it.told.trimmed("zoo", 8)});
  const conversation_id room{"room"};
  SECTION("an event") { it.damage(model_table::events, event_key(room, sequence{3})); }
  SECTION("what became of a message") {
    it.damage(model_table::messages, event_key(room, sequence{3}));
  }
  SECTION("who has hidden it") { it.damage(model_table::hidden, event_key(room, sequence{3})); }
  SECTION("a list that counts it") {
    it.damage(model_table::tallies, tally_prefix(room, tally::own, alice));
  }
  SECTION("a file") { it.damage(model_table::files, {}); }
  it.purge();
  CHECK(it.events("room") == 4);
  CHECK(it.events("zoo") == 4);
  const std::string below = event_key(room, sequence{8});
  for (const auto table : {model_table::messages, model_table::hidden, model_table::reactions}) {
    auto reading = must(it.data.model()->tables()->read());
    cursor at = reading.rows(index_of(table));
    const bool left = at.seek(event_prefix(room)) && at.key() < below;
    CHECK_FALSE(left);
  }
}

TEST_CASE("a conversation that cannot be purged is passed over, also behind a restart") {
  two_rooms it;
  it.data.write_each({it.told.trimmed("room", 8), it.told.trimmed("zoo", 8)});
  it.damage(model_table::corrections, corrections_prefix(conversation_id{"room"}));
  for (int restarts = 0; restarts < 2; ++restarts) {
    it.purge();
    CHECK(it.events("room") > 4);
    CHECK(it.events("zoo") == 4);
    it.data.close();
    CHECK(problems_of(it.data.path()).find("corrections") != std::string::npos);
    it.data.open();
  }
  it.data.write_each({it.told.trimmed("zoo", 10)});
  it.purge();
  CHECK(it.events("zoo") == 2);
}

TEST_CASE("a deleted conversation goes whatever is damaged in it") {
  two_rooms it;
  it.data.write_each({it.told.deleted("room", "alice"), it.told.deleted("zoo", "alice")});
  SECTION("a file") { it.damage(model_table::files, {}); }
  SECTION("an event") { it.damage(model_table::events, event_prefix(conversation_id{"room"})); }
  it.purge();
  CHECK(it.events("room") == 1);
  CHECK(it.events("zoo") == 1);
}

TEST_CASE("one damaged row does not keep other conversations from being found") {
  two_rooms it;
  const conversation_id room{"room"};
  const std::vector<conversation_id> everywhere;
  const std::vector<conversation_id> by_name{room, conversation_id{"zoo"}};
  std::uint64_t found_in_room = 0;
  SECTION("a conversation") { it.damage(model_table::conversations, "room"); }
  SECTION("its hold") {
    it.data.write_each({it.told.held("room", "root")});
    it.damage(model_table::holds, "room");
  }
  SECTION("its first event") { it.damage(model_table::events, event_prefix(room)); }
  SECTION("a later event, before which all may go") {
    it.damage(model_table::events, event_key(room, sequence{5}));
    found_in_room = 5;
  }
  for (const auto* named : {&everywhere, &by_name}) {
    const auto found = must(it.data.model()->trimmable({{0, 4}, {}, true, *named}));
    REQUIRE(found.items.size() == (found_in_room > 0 ? 2U : 1U));
    CHECK(found.items.back().conversation == conversation_id{"zoo"});
    CHECK(found.items.back().kept_from == sequence{8});
    if (found_in_room > 0)
      CHECK(found.items.front().kept_from == sequence{found_in_room});
  }
}

TEST_CASE("it is said when there may be more to go than one record tells") {
  store_of_test data;
  story told;
  std::vector<record_ptr> all{told.created("room", {"alice"})};
  for (std::size_t i = 0; i < limits::trimmed_at_once + 5; ++i)
    all.push_back(told.message("room", "alice", "x"));
  data.write({all});
  const auto first = must(data.model()->trimmable({{0, 1}, {}}));
  REQUIRE(first.items.size() == 1);
  CHECK(first.items[0].kept_from == sequence{limits::trimmed_at_once + 1});
  CHECK(first.items[0].more);
  data.write_each({told.trimmed("room", limits::trimmed_at_once + 1)});
  const auto rest = must(data.model()->trimmable({{0, 1}, {}}));
  REQUIRE(rest.items.size() == 1);
  CHECK_FALSE(rest.items[0].more);
}

/// Rows of lists that stand for several numbers.
std::size_t packed_lists(const read_model& model) {
  std::size_t count = 0;
  auto reading = must(model.tables()->read());
  cursor at = reading.rows(index_of(model_table::tallies));
  for (bool more = at.first(); more; more = at.next())
    count += must(decode_tally(at.key(), at.value())).more.empty() ? 0 : 1;
  return count;
}

TEST_CASE("a segment of many authors is taken apart in small transactions") {
  store_of_test data;
  story told;
  std::vector<std::string> users;
  for (int i = 0; i < 50; ++i)
    users.push_back("user" + std::to_string(i));
  std::vector<record_ptr> all{told.created("room", users)};
  for (std::size_t i = 0; i < 300; ++i)
    all.push_back(told.message("room", users[i % users.size()], "x"));
  data.write({all});
  cool(*data.model());
  const std::size_t before = packed_lists(*data.model());
  REQUIRE(before >= 100); // in two segments
  data.write_each({told.trimmed("room", 20)});
  for (std::size_t packed = before; data.model()->has_condemned();) {
    must(data.model()->purge_some());
    const std::size_t left = packed_lists(*data.model());
    CHECK(left + 16 >= packed);
    packed = left;
    data.close();
    CHECK(problems_of(data.path()).empty());
    data.open();
  }
  CHECK(packed_lists(*data.model()) == before - 50);
}

TEST_CASE("a resume near the end does not unpack what is old") {
  store_of_test data;
  story told;
  std::vector<record_ptr> all{told.created("room", {"alice", "bob"})};
  for (int i = 0; i < 500; ++i)
    all.push_back(told.message("room", "alice", "x"));
  data.write_each(all);
  const timestamp begin{std::chrono::milliseconds{1'700'000'000'000}};
  cool(*data.model(), {begin + std::chrono::milliseconds{451}, timestamp::max()});
  REQUIRE(rows_in(*data.model(), model_table::cold) > 2);
  std::size_t unpacked = 1;
  std::size_t missed = 0;
  std::size_t fed = 0;
  std::thread{[&] { // which has unpacked nothing yet
    const position since{data.model()->applied().value() - 20};
    missed = must(data.model()->missed(bob, since)).missed.at(0).events.size();
    fed = must(data.model()->event_feed_since(since, data.model()->applied(), {})).items.size();
    unpacked = segment_cache::of_thread().bytes();
  }}
      .join();
  CHECK(missed == 20);
  CHECK(fed == 20);
  CHECK(unpacked == 0);
}

TEST_CASE("the first event behind a position is found from anywhere") {
  store_of_test data;
  story told;
  std::vector<record_ptr> all{told.created("room", {"alice"})};
  for (int i = 0; i < 70; ++i)
    all.push_back(told.message("room", "alice", "x"));
  data.write_each(all); // the number is the position
  const auto model = data.model();
  auto reading = must(model->tables()->read());
  const row_reader rows{reading};
  const conversation_id room{"room"};
  for (const std::uint64_t low : {1, 2, 30, 71})
    for (std::uint64_t since = 0; since <= 71; ++since) {
      std::size_t looked = 0;
      const auto found =
          must(first_behind(rows, room, position{since}, sequence{low}, sequence{71}, looked));
      CHECK(found == sequence{std::max(low, since + 1)});
      CHECK(looked <= 14);
    }
}

/// Letters that nothing can compress much.
std::string noise(std::uint64_t& state, std::size_t length) {
  std::string text;
  for (; text.size() < length; state = state * 6364136223846793005U + 1442695040888963407U)
    text.push_back(static_cast<char>('!' + (state >> 33U) % 90));
  return text;
}

TEST_CASE("a deletion is promised room for every segment that it writes anew") {
  store_of_test data;
  story told;
  std::uint64_t state = 7;
  std::vector<record_ptr> all{told.created("room", {"alice"}),
                              told.message("room", "alice", "edited")};
  std::vector<std::uint64_t> edits;
  for (std::uint64_t i = 0; i < 12; ++i) {
    all.push_back(told.edited("room", "alice", 2, "again"));
    edits.push_back(all.back()->seq.value());
    for (int k = 0; k < 127; ++k)
      all.push_back(told.message("room", "alice", noise(state, 500)));
  }
  data.write({all});
  cool(*data.model());
  std::size_t packed = 0;
  {
    auto reading = must(data.model()->tables()->read());
    cursor at = reading.rows(index_of(model_table::cold));
    for (bool more = at.first(); more; more = at.next())
      packed += at.value().size();
  }
  CHECK(rows_in(*data.model(), model_table::cold) >= edits.size());
  const auto erased = told.erased("room", "alice", 2, edits);
  CHECK(room_for(std::vector<record_ptr>{erased}) >= packed);
  data.write_each({erased});
  data.close();
  CHECK(problems_of(data.path()).empty());
}

} // namespace persistence_retention_damage_test

} // namespace parley::test
