// Old events in segments: whoever reads sees no difference, whoever writes changes what is in them,
// and nothing that was deleted is left.
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "persistence/compact.hpp"
#include "persistence/store_actors.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/cold_scene.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_cold_test {

using namespace std::chrono_literals;

const conversation_id room{"room"};
const user_id alice{"alice"};

/// "room" with so many messages, one a millisecond.
std::vector<record_ptr> long_room(story& told, std::size_t messages) {
  std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
  for (std::size_t i = 0; i < messages; ++i)
    records.push_back(told.message("room", i % 3 == 0 ? "bob" : "alice",
                                   "what was said as number " + std::to_string(i)));
  return records;
}

timestamp after_records(std::int64_t count) {
  return timestamp{std::chrono::milliseconds{1'700'000'000'000 + count + 1}};
}

/// Tells what happens in three conversations by chance, with every kind of change.
class busy_story {
public:
  explicit busy_story(unsigned seed) : random_(seed) {}

  std::vector<record_ptr> begin() {
    std::vector<record_ptr> records;
    for (const auto& each : rooms)
      records.push_back(told_.created(each, {"alice", "bob"}));
    return records;
  }
  std::vector<record_ptr> more(std::size_t count) {
    std::vector<record_ptr> records;
    while (records.size() < count)
      records.push_back(next(rooms[random_() % rooms.size()]));
    return records;
  }

  const std::vector<std::string> rooms{"room", "hall", "attic"};

private:
  record_ptr say(const std::string& in) {
    auto made =
        told_.message(in, "alice", "text " + std::to_string(random_()), {},
                      random_() % 5 == 0 ? std::vector{user_id{"bob"}} : std::vector<user_id>{});
    messages_[in].emplace(made->seq.value(), message{{}, made->mentions});
    return made;
  }
  record_ptr next(const std::string& in) {
    auto& there = messages_[in];
    if (there.empty() || random_() % 3 != 0)
      return say(in);
    auto which = std::next(there.begin(), static_cast<std::ptrdiff_t>(random_() % there.size()));
    auto& [seq, what] = *which;
    const auto other = [&] { return random_() % 2 == 0; };
    switch (random_() % 6) {
    case 0: {
      auto made =
          told_.edited(in, "alice", seq, "better " + std::to_string(random_()), {}, what.mentions);
      what.mentions = {};
      what.edits.push_back(made->seq.value());
      return made;
    }
    case 1: {
      auto made = told_.erased(in, "alice", seq, what.edits, what.mentions);
      there.erase(which);
      return made;
    }
    case 2:
      if (!std::exchange(what.reacted, true))
        return told_.reacted(in, "bob", "alice", seq, "+1");
      return say(in);
    case 3:
      return told_.pinned(in, "bob", "alice", seq, other());
    case 4:
      if (!std::exchange(what.hidden, true))
        return told_.hidden(in, "bob", "alice", seq, what.mentions);
      return say(in);
    default:
      return told_.receipts(in, {{user_id{"bob"}, {sequence{seq}, sequence{seq}, sequence{seq}}}});
    }
  }

  struct message {
    std::vector<std::uint64_t> edits;
    mentioned mentions;
    bool reacted = false;
    bool hidden = false;
  };
  std::mt19937 random_;
  story told_;
  std::map<std::string, std::map<std::uint64_t, message>> messages_;
};

TEST_CASE("what has cooled is answered as before, whatever is asked") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    INFO("seed " << seed);
    busy_story story{seed};
    store_of_test data;
    data.write_each(story.begin());
    data.write_each(story.more(1200));
    const std::string before = all_answers{*data.model()}.of(story.rooms);
    cool(*data.model());
    CHECK(rows_in(*data.model(), model_table::cold) >= 6);
    CHECK(rows_in(*data.model(), model_table::events) < 3 * 100);
    CHECK(all_answers{*data.model()}.of(story.rooms) == before);
    data.close();
    CHECK(problems_of(data.path()) == "");
    data.open();
    CHECK(all_answers{*data.model()}.of(story.rooms) == before);
  }
}

TEST_CASE("a store that is cooled again and again goes the same way as one that never is") {
  for (const unsigned seed : {11U, 12U}) {
    INFO("seed " << seed);
    busy_story story{seed};
    std::mt19937 random{seed};
    store_of_test warm;
    store_of_test data;
    const auto both = [&](const std::vector<record_ptr>& records) {
      warm.write({records});
      data.write({records});
    };
    both(story.begin());
    for (int round = 0; round < 40; ++round) {
      both(story.more(30));
      const auto age = after_records(static_cast<std::int64_t>(random() % 1200));
      cool(*data.model(), {age, random() % 2 == 0 ? age : timestamp{}});
    }
    CHECK(rows_in(*data.model(), model_table::cold) > 0);
    CHECK(all_answers{*data.model()}.of(story.rooms) == all_answers{*warm.model()}.of(story.rooms));
    data.close();
    CHECK(problems_of(data.path()) == "");
  }
}

TEST_CASE("only what is old is packed, in runs that pay, and never the newest message") {
  story told;
  store_of_test data;
  data.write_each(long_room(told, 300));
  const auto segments = [&] { return rows_in(*data.model(), model_table::cold); };
  cool(*data.model(), {after_records(-1), after_records(-1)});
  CHECK(segments() == 0);
  cool(*data.model(), {after_records(100), timestamp{}});
  CHECK(segments() == 0); // a hundred fill no segment, and can wait
  cool(*data.model(), {after_records(140), timestamp{}});
  CHECK(segments() == 1);
  cool(*data.model(), {after_records(140), after_records(130)});
  CHECK(segments() == 2); // those that had waited long enough
  cool(*data.model());
  CHECK(rows_in(*data.model(), model_table::events) == 1);
  const auto size = data.model()->cold();
  CHECK(size.segments == segments());
  CHECK(size.bytes > 0);
  CHECK(size.raw_bytes > 2 * size.bytes);
  data.write_each({told.message("room", "alice", "newer")});
  cool(*data.model());
  CHECK(rows_in(*data.model(), model_table::events) == 2);
}

TEST_CASE("an author's numbers in a segment take one row, and count as before") {
  story told;
  store_of_test data;
  data.write_each(long_room(told, 400));
  const auto counts = [&] {
    std::vector<std::uint64_t> found;
    auto reading = must(data.model()->tables()->read());
    for (const auto* user : {"alice", "bob"})
      for (std::uint64_t seq = 1; seq <= 401; ++seq)
        found.push_back(must(row_reader{reading}.tallied(
            tally_prefix(room, tally::own, user_id{user}), sequence{seq})));
    return found;
  };
  const auto before = counts();
  cool(*data.model());
  CHECK(rows_in(*data.model(), model_table::tallies) == 9); // four runs of two, and the newest
  CHECK(counts() == before);
  data.write_each({told.message("room", "bob", "later")});
  CHECK(must(data.model()->snapshot(room)).head == sequence{402});
  data.close();
  CHECK(problems_of(data.path()) == "");
}

TEST_CASE("a deletion leaves nothing of a message in its segment") {
  story told;
  store_of_test data;
  auto records = long_room(told, 40);
  records.push_back(told.message("room", "alice", "my darkest secret"));
  records.push_back(told.edited("room", "alice", 42, "my brightest secret"));
  data.write_each(records);
  std::vector<record_ptr> later;
  for (int i = 0; i < 20; ++i)
    later.push_back(told.message("room", "alice", "later"));
  data.write_each(later);
  cool(*data.model());
  CHECK(unpacked(*data.model()).find("darkest secret") != std::string::npos);
  CHECK(unpacked(*data.model()).find("brightest secret") != std::string::npos);
  data.write_each({told.erased("room", "alice", 42, {43})});
  CHECK(unpacked(*data.model()).find("secret") == std::string::npos);
  CHECK(must(data.model()->message(room, {sequence{42}, alice, {}}))->erased);
  const auto page = must(data.model()->page(room, {sequence{42}, sequence{43}}, {}));
  REQUIRE(page.events.size() == 2);
  CHECK(page.events[0].bytes.find("secret") == std::string::npos);
  data.close();
  CHECK(problems_of(data.path()) == "");
}

TEST_CASE("a deleted conversation's segments go, with the times and files of what is in them") {
  story told;
  store_of_test data;
  const auto picture = story::file('a');
  std::vector<record_ptr> records{told.created("room", {"alice", "bob"}),
                                  told.uploaded("alice", picture)};
  for (int i = 0; i < 200; ++i)
    records.push_back(told.message("room", "alice", "goes", {}, {}, 1000 + i));
  for (int i = 0; i < 20; ++i)
    records.push_back(told.with_files("room", "alice", {picture}));
  records.push_back(told.message("room", "alice", "last"));
  data.write_each(records);
  cool(*data.model());
  CHECK(rows_in(*data.model(), model_table::expiries) == 200);
  data.write_each({told.deleted("room", "alice")});
  while (data.model()->has_condemned())
    must(data.model()->purge_some());
  CHECK(rows_in(*data.model(), model_table::cold) == 0);
  CHECK(rows_in(*data.model(), model_table::events) == 1);
  CHECK(rows_in(*data.model(), model_table::expiries) == 0);
  CHECK(rows_in(*data.model(), model_table::file_uses) == 0);
  CHECK(data.model()->cold().bytes == 0);
  CHECK(must(data.model()->files({picture.file})).front().uses == 0);
  data.close();
  std::filesystem::create_directories(data.path() / "files" / "aa");
  std::ofstream{data.path() / "files" / "aa" / picture.file.str()} << "12345";
  CHECK(problems_of(data.path()) == "");
}

TEST_CASE("nothing of a deleted conversation cools") {
  story told;
  store_of_test data;
  auto records = long_room(told, 300);
  records.push_back(told.deleted("room", "alice"));
  data.write_each(records);
  cool(*data.model());
  CHECK(rows_in(*data.model(), model_table::cold) == 0);
}

TEST_CASE("a damaged segment is not served, named by the check, and hurts no others") {
  story told;
  store_of_test data;
  data.write_each(long_room(told, 300));
  cool(*data.model());
  data.close();
  const std::string damaged_at = event_key(room, sequence{128});
  spoil(data.path(), model_table::cold, damaged_at);
  data.open();
  const auto page = data.model()->page(room, {sequence{1}, sequence{50}}, alice);
  REQUIRE_FALSE(page.ok());
  CHECK(page.error().code == error_code::internal);
  CHECK(must(data.model()->snapshot(room)).tail.size() == 1); // the conversation can be used
  CHECK(page.error().message.find("cold") != std::string::npos);
  CHECK(must(data.model()->page(room, {sequence{129}, sequence{150}}, alice)).events.size() == 22);
  cool(*data.model());
  data.write_each({told.message("room", "alice", "on it goes")});
  data.close();
  CHECK(problems_of(data.path())
            .find(describe_row(model_table::cold, damaged_at) + " does not match its checksum") !=
        std::string::npos);
}

TEST_CASE("segments are carried over by a compaction, and what it copied while they were made") {
  story told;
  store_of_test data;
  data.write_each(long_room(told, 1000));
  const std::string before = all_answers{*data.model()}.of({"room"});
  SECTION("made before it") { cool(*data.model()); }
  compaction_places places;
  places.model = places.log = [](const auto& job) { return job(); };
  places.hurry = [&](position) { must(replay_all(*data.log(), *data.model())); };
  places.is_stopped = [] { return false; };
  compaction work{data.get().shared_from_this(), places};
  must(work.begin());
  must(copy_model_rows(*data.model()->tables(), data.get().unfinished(), places.is_stopped));
  SECTION("made beside it") { cool(*data.model()); }
  must(work.finish());
  CHECK(all_answers{*data.model()}.of({"room"}) == before);
  CHECK(data.model()->cold().segments == rows_in(*data.model(), model_table::cold));
  cool(*data.model());
  CHECK(rows_in(*data.model(), model_table::cold) == 8);
  CHECK(all_answers{*data.model()}.of({"room"}) == before);
}

TEST_CASE("a thread keeps a bounded number of unpacked segments, and knows a new one from an old") {
  const auto value_of = [](const std::string& key, const std::string& body) {
    segment_maker made;
    made.begin(sequence{1});
    made.add({position{1}, record_kind::message, message_ordinal{1}, body});
    compressor with{limits::cold_level};
    return made.value(key, with);
  };
  segment_cache cache;
  const std::string key = event_key(room, sequence{1});
  const auto old_one = value_of(key, "old");
  const auto first = must(cache.open(key, old_one));
  CHECK(must(cache.open(key, old_one)) == first);
  CHECK(must(cache.open(key, value_of(key, "new")))->events()[0].event == "new");
  CHECK(first->events()[0].event == "old"); // whoever holds it goes on reading it
  const std::string large(limits::cold_raw_bytes, 'x');
  for (int i = 0; i < 200; ++i) {
    const auto other = event_key(conversation_id{"room-" + std::to_string(i)}, sequence{1});
    must(cache.open(other, value_of(other, large)));
    CHECK(cache.bytes() <= limits::cold_cache_bytes);
  }
  cache.keep(0);
  CHECK(cache.bytes() < limits::cold_raw_bytes + 100);
}

/// A real model behind an applier, a lane that goes by hand, and a clock of thirty years.
class cooling_engine : public engine_fixture {
public:
  void start(std::chrono::milliseconds after) {
    replace(handles->applier, spawn_applier(system(), {handles, marks}, data.log(), data.model(),
                                            lane, {after, [this] { return now; }}));
  }
  void wait(std::chrono::milliseconds time) {
    now += time;
    pass(time);
    while (lane->step())
      pass(limits::cold_pause);
  }
  store_of_test data;
  timestamp now = after_records(400);
};

TEST_CASE("an idle store packs what has become thirty days old, and tells how much") {
  cooling_engine engine;
  story told;
  engine.data.write_each(long_room(told, 300));
  engine.start(720h);
  engine.wait(1s);
  CHECK(rows_in(*engine.data.model(), model_table::cold) == 0);
  for (int day = 0; day < 29; ++day)
    engine.wait(24h);
  CHECK(rows_in(*engine.data.model(), model_table::cold) == 0);
  for (int day = 0; day < 3; ++day)
    engine.wait(24h);
  CHECK(rows_in(*engine.data.model(), model_table::cold) == 2); // full ones
  for (int day = 0; day < 31; ++day)
    engine.wait(24h);
  CHECK(rows_in(*engine.data.model(), model_table::cold) == 3);
  CHECK(rows_in(*engine.data.model(), model_table::events) == 1);
}

TEST_CASE("without an age nothing is ever packed") {
  cooling_engine engine;
  story told;
  engine.data.write_each(long_room(told, 300));
  engine.start(0h);
  for (int day = 0; day < 100; ++day)
    engine.wait(24h);
  CHECK(rows_in(*engine.data.model(), model_table::cold) == 0);
}

} // namespace persistence_cold_test

} // namespace parley::test
