// Users who were erased are in no file of the outbox.
#include "persistence/webhooks/outbox_names.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "actors/erasures.hpp"
#include "persistence/webhooks/compact_outbox.hpp"
#include "tests/support/away_scene.hpp"
#include "tests/support/catch.hpp"

namespace parley::test {

namespace outbox_names_test {

record_ptr erasure(const std::string& user, erasure_phase phase) {
  user_erasure what;
  what.id = "receipt";
  what.user = user_id{user};
  what.pseudonym = user_id{"erased:1"};
  what.user_hash = hash_of(what.user);
  what.phase = phase;
  record made;
  made.kind = record_kind::user_erased;
  made.event = encode_erasure_step(what);
  return std::make_shared<const record>(std::move(made));
}

/// Whether a file of the outbox has the name, as it is.
bool files_name(const outbox_scene& scene, const std::string& user) {
  for (const auto& each :
       std::filesystem::directory_iterator(outbox_file(scene.path()).parent_path())) {
    std::ifstream file{each.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    if (bytes.find(user) != std::string::npos)
      return true;
  }
  return false;
}

TEST_CASE("nothing names a user who was erased, whether that was seen or not") {
  for (const bool seen : {true, false}) {
    CAPTURE(seen);
    away_scene scene;
    scene.happen({scene.notified("room", {"bob", "carol"})});
    scene.sender->sent.clear(); // nobody answers
    const std::vector<record_ptr> end{erasure("bob", erasure_phase::begun),
                                      scene.told.left("room", "alice", "bob"),
                                      erasure("bob", erasure_phase::forgetting)};
    seen ? scene.happen(end) : scene.happen_unseen(end);
    scene.settle();
    CHECK_FALSE(files_name(scene, "bob"));
    CHECK(files_name(scene, "carol"));
    scene.worker.reset();
    auto outbox = must(webhook_outbox::open_existing(scene.path()));
    CHECK(must(outbox->users()) == std::vector{user_id{"carol"}});
  }
}

TEST_CASE("nor where an endpoint asks for notifications no more, walks, or no server tells it") {
  enum class state : std::uint8_t { unwanted, walking, without_a_server };
  for (const auto how : {state::unwanted, state::walking, state::without_a_server}) {
    CAPTURE(static_cast<int>(how));
    away_scene scene;
    scene.happen({scene.notified("room", {"bob", "carol"})});
    scene.sender->sent.clear(); // nobody answers
    if (how == state::unwanted)
      scene.configure({scene.endpoint("push", {"message.*"})});
    scene.worker.reset();
    if (how == state::walking) {
      auto outbox = must(webhook_outbox::open_existing(scene.path()));
      const auto row = must(outbox->endpoints()).front().row;
      REQUIRE(outbox->reach(
          row, {position{3}, position{4}, {}, outbox_walk::notices_made, user_id{"bob"}}));
    }
    scene.happen_unseen(
        {scene.told.left("room", "alice", "bob"), erasure("bob", erasure_phase::forgetting)});
    if (how == state::without_a_server) {
      REQUIRE(compact_outbox_of(scene.get()));
    } else {
      scene.configure(scene.endpoints);
      CHECK(scene.counts("push").waiting == 1);
    }
    CHECK_FALSE(files_name(scene, "bob"));
    CHECK(files_name(scene, "carol"));
  }
}

TEST_CASE("somebody else who comes under a name that was erased is told of theirs") {
  away_scene scene;
  scene.happen({erasure("bob", erasure_phase::begun), scene.told.left("room", "alice", "bob"),
                erasure("bob", erasure_phase::forgetting)});
  while (scene.model()->has_condemned())
    must(scene.model()->purge_some());
  scene.happen({erasure("bob", erasure_phase::done)});
  scene.happen({scene.told.joined("room", "alice", "bob"),
                scene.told.message("room", "alice", "two"), scene.notified("room", {"bob"})});
  scene.restart();
  CHECK(scene.accept_notices() == "bob:room:created:5");
}

} // namespace outbox_names_test

} // namespace parley::test
