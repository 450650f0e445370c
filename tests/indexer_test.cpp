// The indexer: searches wait until the index has what they are to see.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "persistence/search/index_file.hpp"
#include "persistence/search/reindex.hpp"
#include "persistence/sqlite.hpp"
#include "persistence/store_actors.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/store_of_test.hpp"

namespace parley::test {

namespace indexer_test {

using lines = std::vector<std::string>;

class indexer_fixture : public engine_fixture {
public:
  indexer_fixture() {
    data.write_each({told.created("room", {"alice", "bob"}), told.message("room", "alice", "one")});
    marks->committed(position{2});
    marks->applied(position{2});
  }

  ~indexer_fixture() { reading->drop_jobs(); } // they hold the actor

  /// Starts the actor, which opens its index in a first step.
  void start() {
    replace(handles->indexer,
            spawn_indexer(system(), {handles, marks}, search_place_of(data.get(), data.path()),
                          data.model(), lane, reading));
    run();
  }
  /// Everything that can be done for now.
  void settle() {
    run();
    while (lane->step() || reading->step())
      run();
  }
  /// A record is committed; the model has it, too, unless it is to lag.
  void commit(const record_ptr& what, bool applied_too = true) {
    const position at = data.log()->head().next();
    if (applied_too)
      data.write_each({what});
    else
      must(data.log()->append(encode_batch(std::vector{what})));
    marks->committed(at);
    if (applied_too)
      marks->applied(at);
    tell_from_outside(handles->indexer, committed{batch_at(at.value(), {what})});
    run();
  }
  void apply_all() {
    must(replay_all(*data.log(), *data.model()));
    marks->applied(data.log()->head());
    tell_from_outside(handles->indexer, applied{data.log()->head()});
    run();
  }
  void search(const std::string& query) {
    search_messages what;
    what.query = query;
    tell_from_outside(handles->indexer,
                      read_search{std::move(what),
                                  marks->committed(),
                                  {user_id{"bob"}, session_address{1, 42}, std::int64_t{7}}});
    run();
  }

  story told;
  store_of_test data;
  std::shared_ptr<manual_lane> reading = std::make_shared<manual_lane>();
};

TEST_CASE("a search waits until the index is made") {
  indexer_fixture engine;
  engine.start();
  engine.search("one");
  CHECK(engine.reading->waiting() == 0);
  CHECK(engine.heard().empty());
  engine.settle();
  CHECK(engine.heard() == lines{"shard 1: answer 42 results 1"});
}

TEST_CASE("a search sees what was committed before it") {
  indexer_fixture engine;
  engine.start();
  engine.settle();
  engine.commit(engine.told.message("room", "alice", "two"));
  CHECK(engine.lane->waiting() == 0); // nobody is in a hurry
  engine.search("two");
  CHECK(engine.reading->waiting() == 0);
  engine.settle();
  CHECK(engine.heard() == lines{"shard 1: answer 42 results 1"});
}

TEST_CASE("a search waits for the read model, too, which says who may read") {
  indexer_fixture engine;
  engine.start();
  engine.settle();
  engine.commit(engine.told.message("room", "alice", "two"), false);
  engine.search("two");
  engine.settle();
  CHECK(engine.heard() == lines{"applier: hurry 3"});
  engine.apply_all();
  engine.settle();
  CHECK(engine.heard() == lines{"shard 1: answer 42 results 1"});
}

TEST_CASE("nobody needs to search for the index to follow") {
  indexer_fixture engine;
  engine.start();
  engine.settle();
  engine.commit(engine.told.message("room", "alice", "two"));
  engine.commit(engine.told.message("room", "alice", "three"));
  CHECK(engine.lane->waiting() == 0);
  engine.pass(limits::index_interval);
  engine.settle();
  engine.search("three");
  CHECK(engine.reading->waiting() == 1); // at once
}

TEST_CASE("what the indexer did not hear of it takes from the model") {
  indexer_fixture engine;
  engine.start();
  engine.settle();
  engine.data.write_each({engine.told.message("room", "alice", "unheard")});
  engine.commit(engine.told.message("room", "alice", "heard"));
  engine.search("unheard");
  engine.settle();
  CHECK(engine.heard() == lines{"shard 1: answer 42 results 1"});
}

TEST_CASE("a query that cannot be read is an error, one without a ref gets its credit back") {
  indexer_fixture engine;
  engine.start();
  engine.settle();
  engine.search("has:everything");
  engine.settle();
  CHECK(engine.heard() == lines{"shard 1: answer 42 error"});
  read_search quiet{{}, engine.marks->committed(), {user_id{"bob"}, session_address{1, 42}, {}}};
  quiet.what.query = "one";
  tell_from_outside(engine.handles->indexer, quiet);
  engine.settle();
  CHECK(engine.heard() == lines{"shard 1: answer 42 nothing"});
}

TEST_CASE("an index that cannot be written is said to be unavailable, and tried again") {
  indexer_fixture engine;
  const auto place = search_directory(engine.data.path());
  std::ofstream{place} << "a file where a directory should be";
  engine.start();
  engine.search("one");
  CHECK(engine.lane->step());
  engine.run();
  CHECK(engine.heard() == lines{"shard 1: answer 42 error"});
  std::filesystem::remove(place);
  engine.pass(std::chrono::seconds{1});
  engine.settle();
  engine.search("one");
  engine.settle();
  CHECK(engine.heard() == lines{"shard 1: answer 42 results 1"});
}

TEST_CASE("who waits for what does not come is told, after a while") {
  indexer_fixture engine;
  engine.start();
  engine.settle();
  engine.commit(engine.told.message("room", "alice", "two"), false); // the model is stuck
  engine.search("two");
  engine.settle();
  CHECK(engine.heard() == lines{"applier: hurry 3"});
  engine.pass(limits::search_patience);
  CHECK(engine.heard() == lines{"shard 1: answer 42 error"});
}

TEST_CASE("an index that is damaged while it is used is made anew") {
  indexer_fixture engine;
  engine.start();
  engine.settle();
  engine.search("one");
  engine.settle();
  CHECK(engine.heard() == lines{"shard 1: answer 42 results 1"});
  const auto place = search_directory(engine.data.path());
  {
    auto file = must(sqlite_connection::open(index_file(place), sqlite_connection::mode::write));
    must(file.run("DROP TABLE messages"));
  }
  engine.commit(engine.told.message("room", "alice", "two"));
  engine.search("two");
  engine.settle();
  for (int waits = 0; waits < 3; ++waits) {
    engine.pass(std::chrono::seconds{1});
    engine.settle();
  }
  engine.heard();
  engine.search("two");
  engine.settle();
  CHECK(engine.heard() == lines{"shard 1: answer 42 results 1"});
}

TEST_CASE("what a conversation that was deleted leaves behind goes by itself") {
  indexer_fixture engine;
  engine.start();
  engine.settle();
  engine.commit(engine.told.deleted("room", "alice"));
  engine.pass(limits::index_interval);
  engine.settle();
  auto file = must(sqlite_connection::open(index_file(search_directory(engine.data.path())),
                                           sqlite_connection::mode::read));
  auto left = must(file.prepare("SELECT count(*) FROM messages"));
  CHECK(must(left.number()) == 0);
}

} // namespace indexer_test

} // namespace parley::test
