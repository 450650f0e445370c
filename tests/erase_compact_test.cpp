// A compaction and an erasure at the same time: both come to their end, whichever is first.
#include <string>

#include "actors/store_interfaces.hpp"
#include "persistence/compact.hpp"
#include "tests/support/erasure_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace erase_compact_test {

const std::string& name = zenos_id;

/// As the server does it, while the engine goes on between the steps.
class compaction_beside {
public:
  explicit compaction_beside(engine_in_memory& engine)
      : engine_(engine), work_(engine.data(), places()) {}

  void begin() { must(work_.begin()); }
  void copy() {
    must(copy_model_rows(*engine_.model().tables(), engine_.data()->unfinished(),
                         [] { return false; }));
  }
  void finish() { must(work_.finish()); }

private:
  compaction_places places() {
    compaction_places all;
    all.model = all.log = [](const auto& job) { return job(); };
    all.hurry = [this](position wanted) {
      tell_from_outside(engine_.context()->handles->applier, hurry{wanted});
      for (int i = 0; i < 50; ++i)
        engine_.step();
    };
    all.is_stopped = [] { return false; };
    return all;
  }

  engine_in_memory& engine_;
  compaction work_;
};

void go_on(scene_of_erasure& all, std::size_t steps) {
  for (std::size_t i = 0; i < steps; ++i)
    if (!all.it.engine->step())
      all.it.engine->advance(10ms);
}

TEST_CASE("an erasure ends while a compaction runs, and the name is in no row of what it leaves") {
  for (const auto policy : {erasure_policy::anonymise, erasure_policy::remove})
    for (std::size_t pace = 5; pace < 3'000; pace += pace / 2 + 7) {
      INFO("pace " << pace << ", policy " << to_string(policy));
      scene_of_erasure all;
      all.grow_old();
      const auto begun = all.ask_for(name, policy);
      REQUIRE(begun);
      all.zeno->close(); // as everybody does who is told to go
      {
        compaction_beside work{*all.it.engine};
        go_on(all, pace);
        work.begin();
        go_on(all, pace);
        work.copy();
        go_on(all, 2 * pace);
        all.bob.emplace(all.it, "bob"); // so long nobody was silent
        all.post(*all.bob, all.group, "beside", "business as usual");
        go_on(all, pace / 2);
        work.finish();
      }
      const auto done = all.finish(begun->id);
      all.it.pass(1s);
      CHECK(all.rows_with_name() == names{});
      CHECK(event_at(*all.bob, all.group, all.first)["from"] == done.pseudonym.str());
      CHECK(all.all_that_bob_sees().find("\"" + name + "\"") == std::string::npos);
      CHECK(all.checked() == "");
      CHECK(all.it.engine->failures().empty());
      CHECK(all.receipt(begun->id) == done);
    }
}

TEST_CASE("a server that is killed between a compaction and the end of an erasure goes on") {
  for (std::size_t pace = 10; pace < 2'000; pace *= 3) {
    INFO("pace " << pace);
    scene_of_erasure all;
    const auto begun = all.ask_for(name, erasure_policy::remove);
    REQUIRE(begun);
    {
      compaction_beside work{*all.it.engine};
      work.begin();
      go_on(all, pace);
      work.copy();
      go_on(all, pace);
      work.finish();
    }
    CHECK(all.checked() == "");
    all.finish(begun->id);
    CHECK(all.rows_with_name() == names{});
    CHECK(all.checked() == "");
  }
}

} // namespace erase_compact_test
