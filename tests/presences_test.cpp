// The presences: who is in memory, for how long, and how many.
#include "actors/presences.hpp"

#include "actors/connection.hpp"
#include "actors/presence.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/stub_reader.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace presences_test {

/// A read model of strangers who never were.
class empty_reader : public stub_reader {
public:
  using stub_reader::stub_reader;

private:
  void on_shared(const read_shared& query) override {
    tell(this, query.to, shared_found{shared_users{query.at_least, {}, query.others.size()}});
  }
  void on_seen(const read_seen& query) override { tell(this, query.to, seen_found{seen_facts{}}); }
};

/// Presences that keep three in memory.
class scene : public engine_fixture {
public:
  scene() {
    auto made = std::make_shared<engine_context>();
    made->handles = handles;
    made->marks = marks;
    made->wall_clock = [this] { return timestamp{1h} + elapsed; };
    made->steady_clock = [this] { return instant{elapsed}; };
    replace(handles->reader, spawn_actor<empty_reader, reader_actor>(system()));
    context = made;
    handles->presences = spawn_actor<presences, presences_actor>(system(), context, std::size_t{3});
    run();
    at_rest = alive();
  }
  ~scene() {
    end_actor(handles->presences);
    run();
  }

  std::size_t alive() { return system().registry().running(); }
  std::size_t in_memory() {
    run();
    return alive() - at_rest;
  }
  void wait(std::chrono::milliseconds time) {
    for (const auto end = elapsed + time; elapsed < end;) {
      elapsed += 250ms;
      pass(250ms);
    }
  }
  std::vector<std::string> ask(const std::string& user, presence_command what) {
    tell_from_outside(handles->presences,
                      presence_asked{{user_id{user}, {0, 7}, std::int64_t{1}}, std::move(what)});
    return heard();
  }
  std::vector<std::string> arrive(const std::string& user, std::uint64_t session) {
    tell_from_outside(
        handles->presences,
        arrived{{0, session}, {user_id{user}, device_id{"d"}, {}, false}, std::int64_t{1}, {}});
    return heard();
  }
  void report(sessions_reported what) {
    tell_from_outside(handles->presences, std::move(what));
    run();
  }

  context_ptr context;
  std::chrono::milliseconds elapsed{};
  std::size_t at_rest = 0;
};

using lines = std::vector<std::string>;

watch_users watching(const std::vector<std::string>& names) {
  watch_users what;
  for (const auto& each : names)
    what.users.emplace_back(each);
  return what;
}

TEST_CASE("beyond the bound nobody else is watched, but everyone may connect") {
  scene it;
  CHECK(it.ask("eve", watching({"a", "b", "c", "d"})) == lines{"shard 0: answer 7 error"});
  CHECK(it.in_memory() == 0);
  CHECK(it.ask("eve", watching({"a", "b", "c"})).front() == "shard 0: answer 7");
  CHECK(it.in_memory() == 3);
  CHECK(it.arrive("x", 1) == lines{"shard 0: admit"});
  CHECK(it.in_memory() == 4);
  CHECK(it.ask("eve", watching({"y"})) == lines{"shard 0: answer 7 error"});
  CHECK(it.ask("eve", watching({"a"})).front() == "shard 0: answer 7"); // is watched already
}

TEST_CASE("whoever is neither here nor watched leaves memory") {
  scene it;
  it.arrive("alice", 1);
  it.ask("eve", watching({"bob"}));
  CHECK(it.in_memory() == 2);
  it.report({0, {}, {{user_id{"alice"}, device_id{"d"}, 1}}});
  CHECK(it.in_memory() == 2); // may come back
  it.ask("eve", unwatch_users{watching({"bob", "nobody"}).users});
  CHECK(it.in_memory() == 1);
  it.wait(limits::presence_grace + 500ms);
  CHECK(it.in_memory() == 0);
}

TEST_CASE("a command that comes while a presence offers to go is answered") {
  scene it;
  for (int round = 0; round < 50; ++round) {
    it.ask("eve", watching({"bob"}));
    tell_from_outside(
        it.handles->presences,
        presence_asked{{user_id{"eve"}, {0, 7}, {}}, unwatch_users{watching({"bob"}).users}});
    const auto told = it.ask("bob", end_session{"0-1"});
    CHECK(std::count(told.begin(), told.end(), "shard 0: answer 7 error") == 1);
  }
  CHECK(it.in_memory() == 0);
}

TEST_CASE("a renewal of a session that nobody knows brings it back") {
  scene it;
  it.report({0, {{user_id{"alice"}, device_id{"d"}, 1}}, {}});
  CHECK(it.in_memory() == 1);
  it.wait(limits::session_lease + limits::presence_grace + 1s);
  CHECK(it.in_memory() == 0);
}

TEST_CASE("when the server stops it is written down who is there") {
  scene it;
  it.arrive("alice", 1);
  it.ask("eve", watching({"bob"}));
  tell_from_outside(it.handles->presences, drain{});
  CHECK(it.heard() == lines{"log_writer: append"});
}

// Fifteen thousand idle connections are mostly this. jemalloc(3) has classes of 1,280 and 1,536
// bytes.
TEST_CASE("the actors of somebody who is only connected stay within a class of the allocator") {
  CHECK(sizeof(caf::actor_storage<connection>) <= 1280);
  CHECK(sizeof(caf::actor_storage<presence>) <= 1280);
}

} // namespace presences_test
