// The reader: questions wait for what they need to see, and answers go to who asked.
#include <string>
#include <vector>

#include "persistence/store_actors.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/store_of_test.hpp"

namespace parley::test {

namespace persistence_reader_test {

using lines = std::vector<std::string>;

class reader_fixture : public engine_fixture {
public:
  reader_fixture() {
    story told;
    std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
    while (records.size() < 10)
      records.push_back(told.message("room", "alice", "x"));
    data.write({records});
    marks->committed(position{3});
    marks->applied(position{1});
    replace(handles->reader, spawn_reader(system(), {handles, marks}, data.model(), {lane}));
    asker_ = conversation("room");
  }

  read_page page(std::uint64_t first, std::uint64_t last, std::size_t limit, bool fills_gap) {
    read_page made;
    made.conversation = conversation_id{"room"};
    made.range = {sequence{first}, sequence{last}, false, limit, false};
    made.head = sequence{10};
    made.fills_gap = fills_gap;
    made.at_least = position{1};
    made.to = {user_id{"alice"}, session_address{1, 42}, std::int64_t{7}};
    return made;
  }
  template <class Query>
  lines answer_to(Query query) {
    tell_from_outside(handles->reader, std::move(query));
    run();
    lane->step();
    return heard();
  }
  const conversation_actor& asker() const { return asker_; }

  store_of_test data;

private:
  conversation_actor asker_;
};

TEST_CASE("a conversation is loaded off the scheduler's threads") {
  reader_fixture engine;
  tell_from_outside(engine.handles->reader,
                    load_conversation{conversation_id{"room"}, position{1}, engine.asker()});
  CHECK(engine.heard().empty());
  CHECK(engine.lane->step());
  CHECK(engine.heard() == lines{"room: loaded 10"});
  CHECK(engine.answer_to(load_conversation{conversation_id{"nowhere"}, position{},
                                           engine.asker()}) == lines{"room: loaded nothing"});
}

TEST_CASE("a question that needs more than is applied waits for it and hurries the applier") {
  reader_fixture engine;
  CHECK(engine.answer_to(load_conversation{conversation_id{"room"}, position{3}, engine.asker()}) ==
        lines{"applier: hurry 3"});
  engine.marks->applied(position{2});
  CHECK(engine.answer_to(applied{position{2}}).empty());
  engine.marks->applied(position{3});
  CHECK(engine.answer_to(applied{position{3}}) == lines{"room: loaded 10"});
}

TEST_CASE("keys are looked up in the order they were asked") {
  reader_fixture engine;
  const idempotency_key known{conversation_id{"room"}, user_id{"alice"}, client_id{"room-2"}};
  CHECK(engine.answer_to(find_keys{{known, known, known}, position{1}, engine.asker()}) ==
        lines{"room: keys_found 3"});
}

TEST_CASE("a page goes to the session's shard, and a sync says what it covered") {
  reader_fixture engine;
  CHECK(engine.answer_to(engine.page(1, 10, 100, false)) == lines{"shard 1: answer 42 page"});
  CHECK(engine.answer_to(engine.page(4, 10, 100, true)) ==
        lines{"shard 1: answer 42 page pulled 4-10"});
  CHECK(engine.answer_to(engine.page(4, 99, 3, true)) ==
        lines{"shard 1: answer 42 page pulled 4-6"});
  CHECK(engine.answer_to(engine.page(11, 99, 3, true)) == lines{"shard 1: answer 42 page"});
}

TEST_CASE("nothing beyond the head that may be shown is in a page") {
  reader_fixture engine;
  auto query = engine.page(1, 99, 100, true);
  query.head = sequence{5};
  CHECK(engine.answer_to(query) == lines{"shard 1: answer 42 page pulled 1-5"});
}

TEST_CASE("a command without a ref only gets its credit back") {
  reader_fixture engine;
  auto query = engine.page(1, 10, 100, false);
  query.to.ref = {};
  CHECK(engine.answer_to(query) == lines{"shard 1: answer 42 nothing"});
}

TEST_CASE("a list goes to the session's shard, a bad cursor is an error") {
  reader_fixture engine;
  read_list query;
  query.to = {user_id{"alice"}, session_address{0, 9}, std::string("r")};
  CHECK(engine.answer_to(query) == lines{"shard 0: answer 9 conversations"});
  query.what.cursor = "nonsense";
  CHECK(engine.answer_to(query) == lines{"shard 0: answer 9 error"});
}

TEST_CASE("a cursor ahead of the model is waited for when the log has it") {
  reader_fixture engine;
  read_catch_up query{user_id{"alice"}, position{3}, position{1}, session_address{0, 5}};
  CHECK(engine.answer_to(query) == lines{"applier: hurry 3"});
  engine.marks->applied(position{3});
  CHECK(engine.answer_to(applied{position{3}}) == lines{"shard 0: caught_up 5 1 memberships"});
}

TEST_CASE("a cursor ahead of the log is not waited for") {
  reader_fixture engine;
  const read_catch_up query{user_id{"alice"}, position{99}, position{1}, session_address{0, 5}};
  CHECK(engine.answer_to(query) == lines{"shard 0: caught_up 5 1 memberships"});
}

TEST_CASE("an answer for a shard that does not exist is dropped") {
  reader_fixture engine;
  auto query = engine.page(1, 10, 100, false);
  query.to.session.shard = 77;
  CHECK(engine.answer_to(query).empty());
}

} // namespace persistence_reader_test

} // namespace parley::test
