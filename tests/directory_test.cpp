// The directory: who is in memory, who has to go, and that no command is lost on the way.
#include "actors/directory.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/stub_reader.hpp"

using namespace parley;
using namespace parley::test;

namespace directory_test {

/// A read model in which every conversation exists, with alice as its member.
class ready_reader : public stub_reader {
public:
  using stub_reader::stub_reader;

private:
  void on_load(const load_conversation& query) override {
    auto found = std::make_shared<conversation_snapshot>();
    found->exists = true;
    found->head = sequence{1};
    found->members.push_back({user_id{"alice"}, role::owner, sequence{1}, {}});
    tell(this, query.to, loaded{std::shared_ptr<const conversation_snapshot>{found}});
  }
};

/// A directory that keeps two conversations in memory.
class scene : public engine_fixture {
public:
  scene() {
    auto made = std::make_shared<engine_context>();
    made->handles = handles;
    made->marks = marks;
    made->wall_clock = [] { return timestamp{}; };
    replace(handles->reader, spawn_actor<ready_reader, reader_actor>(system()));
    context = made;
    handles->directory = spawn_actor<directory, directory_actor>(system(), context, std::size_t{2});
    run();
    at_rest = alive();
  }
  ~scene() {
    end_actor(handles->directory);
    run();
  }

  std::size_t alive() { return system().registry().running(); }
  /// Conversations in memory.
  std::size_t in_memory() {
    run();
    return alive() - at_rest;
  }
  void ask_for(const std::string& name) {
    tell_from_outside(handles->directory,
                      ask{std::make_shared<const conversation_request>(
                          conversation_request{conversation_id{name},
                                               {user_id{"alice"}, {0, 1}, std::int64_t{1}},
                                               get_conversation{conversation_id{name}},
                                               {}})});
  }
  /// How many commands were answered since the last call.
  std::size_t answers() { return heard().size(); }

  context_ptr context;
  std::size_t at_rest = 0;
};

TEST_CASE("beyond the bound the least recently asked conversation leaves memory") {
  scene it;
  for (const auto* name : {"a", "b", "a", "c"}) {
    it.ask_for(name);
    CHECK(it.answers() == 1);
  }
  CHECK(it.in_memory() == 2);
  it.ask_for("b"); // had to go for "c"; comes back
  CHECK(it.answers() == 1);
  CHECK(it.in_memory() == 2);
}

TEST_CASE("a conversation that is asked while it leaves answers all the same") {
  scene it;
  for (int round = 0; round < 3; ++round)
    for (const auto* name : {"a", "b", "c", "a", "c", "b"})
      it.ask_for(name);
  CHECK(it.answers() == 18);
  CHECK(it.in_memory() == 2);
}

} // namespace directory_test
