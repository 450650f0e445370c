// Compaction step by step: nothing is lost by it, whatever happens between its steps.
#include <algorithm>
#include <string>
#include <vector>

#include "persistence/compact.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_compact_test {

/// A conversation in which there was much to delete.
struct crowded {
  story told;
  store_of_test data;
  bool stops = false;

  crowded() {
    data.write_each({told.created("room", {"alice", "bob"}), told.created("hall", {"carol"})});
    say(200);
    for (std::uint64_t seq = 2; seq < 100; seq += 2)
      data.write_each({told.erased("room", "alice", seq)});
    data.write_each({told.deleted("hall", "carol")});
  }

  void say(int count) {
    for (int i = 0; i < count; ++i)
      data.write_each({told.message("room", "alice", std::string(500, 'x'))});
  }
  compaction_places places() {
    compaction_places all;
    all.model = all.log = [](const auto& job) { return job(); };
    all.hurry = [this](position) { must(replay_all(*data.log(), *data.model())); };
    all.is_stopped = [this] { return stops; };
    return all;
  }
  outcome copy() {
    return copy_model_rows(*data.model()->tables(), data.get().unfinished(),
                           [this] { return stops; });
  }
  std::shared_ptr<store> shared() { return data.get().shared_from_this(); }
  /// All rows but those that speak of compactions.
  row_dump rows() {
    row_dump all = dump(*data.model());
    std::erase_if(all, [](const auto& row) { return row.first.starts_with("meta/compacted"); });
    return all;
  }
  void expect_sound() {
    data.close();
    CHECK(problems_of(data.path()) == "");
    data.open();
    CHECK_FALSE(std::filesystem::exists(data.get().unfinished()));
  }
};

const timestamp noon{std::chrono::hours{24 * 365 * 50}};

TEST_CASE("a compaction loses nothing, also of what is written between its steps") {
  crowded all;
  {
    compaction work{all.shared(), all.places()};
    must(work.begin());
    CHECK_FALSE(all.data.model()->has_condemned()); // what was to go by and by has gone
    all.say(20);
    must(all.copy());
    all.say(500); // more than the log would keep
    all.data.log()->trim(all.data.model()->applied());
    all.say(20);
    const auto before = all.rows();
    must(work.finish());
    must(work.note(noon));
    CHECK(all.rows() == before);
    CHECK(work.settled() < all.data.model()->applied());
  }
  all.say(20);
  all.expect_sound();
  all.say(20);
  CHECK(all.data.log()->floor() > position{700}); // it was begun anew
  all.expect_sound();
}

TEST_CASE("whoever reads while the model is replaced goes on reading what they saw") {
  crowded all;
  compaction work{all.shared(), all.places()};
  must(work.begin());
  must(all.copy());
  const auto tables = all.data.model()->tables();
  auto view = must(tables->read());
  const auto seen = view.count(index_of(model_table::events));
  must(work.finish());
  all.say(5);
  CHECK(all.data.model()->tables() != tables);
  std::uint64_t count = 0;
  cursor at = view.rows(index_of(model_table::events));
  for (bool more = at.first(); more; more = at.next())
    ++count;
  CHECK(count == seen);
  CHECK_FALSE(at.error());
}

TEST_CASE("a compaction that is given up, or has no copy, leaves the store as it was") {
  crowded all;
  const auto before = all.rows();
  SECTION("before it began") {
    all.stops = true;
    compaction work{all.shared(), all.places()};
    CHECK(work.begin().error().code == error_code::unavailable);
  }
  SECTION("while it was copied") {
    compaction work{all.shared(), all.places()};
    must(work.begin());
    all.stops = true;
    CHECK(all.copy().error().code == error_code::unavailable);
    CHECK_FALSE(work.finish().ok());
  }
  SECTION("without a copy") {
    compaction work{all.shared(), all.places()};
    must(work.begin());
    CHECK_FALSE(work.finish().ok());
  }
  const auto after = all.rows();
  for (const auto& row : after) // begin may have purged, and nothing else
    CHECK((row.first.starts_with("condemned/") ||
           std::find(before.begin(), before.end(), row) != before.end()));
  all.say(10);
  all.expect_sound();
}

TEST_CASE("batches that are held do not keep anyone from writing") {
  crowded all;
  all.data.log()->trim(all.data.model()->applied());
  all.say(300);
  {
    compaction work{all.shared(), all.places()};
    must(work.begin());
    const position held = all.data.model()->applied();
    all.say(600);
    all.data.log()->trim(all.data.model()->applied());
    all.say(200);
    CHECK(all.data.log()->floor() <= held.next());
  }
  all.data.log()->trim(all.data.model()->applied());
  all.say(200);
  CHECK(all.data.log()->floor() > position{600});
  all.expect_sound();
}

TEST_CASE("what the operator is told names positions and sizes") {
  crowded all;
  compaction work{all.shared(), all.places()};
  must(work.begin());
  must(all.copy());
  must(work.finish());
  CHECK(work.report().starts_with("position " + std::to_string(work.settled().value()) +
                                  ", model of "));
}

} // namespace persistence_compact_test

} // namespace parley::test
