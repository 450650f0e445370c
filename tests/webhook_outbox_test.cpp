// The outbox as a projection: whatever happens when, every event that is wanted comes to it once.
#include <fstream>
#include <iterator>

#include "actors/limits.hpp"
#include "persistence/webhooks/outbox.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/outbox_scene.hpp"

namespace parley::test {

namespace webhook_outbox_test {

using namespace std::chrono_literals;

/// Two rooms with all kinds of events.
std::vector<record_ptr> rooms(story& told) {
  return {told.created("room", {"alice", "bob"}),
          told.created("den", {"alice", "carol"}, conversation_kind::direct),
          told.message("room", "alice", "one"),
          told.message("den", "carol", "two"),
          told.receipts("room", {{user_id{"bob"}, {sequence{2}, sequence{2}, sequence{2}}}}),
          told.edited("room", "alice", 2, "three"),
          told.reacted("room", "bob", "alice", 2, "+1"),
          told.left("room", "alice", "bob")};
}

TEST_CASE("what happens is sent, in the order of each conversation") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all")});
  scene.happen(rooms(scene.told));
  CHECK(scene.under_way() == "den/1 room/1");
  CHECK(scene.accept_all() == "den/1 room/1 den/2 room/2 room/3 room/4 room/5");
  CHECK(scene.counts("all").waiting == 0);
}

TEST_CASE("an endpoint gets the types and kinds it wants") {
  outbox_scene scene;
  scene.configure({scene.endpoint("messages", {"message.*"}),
                   scene.endpoint("direct", {"*"}, {conversation_kind::direct}),
                   scene.endpoint("left", {"member.left", "conversation.deleted"})});
  scene.happen(rooms(scene.told));
  CHECK(scene.counts("messages").waiting == 3);
  CHECK(scene.counts("direct").waiting == 2);
  CHECK(scene.counts("left").waiting == 1);
}

TEST_CASE("a new endpoint begins at the present, a known one goes on, a removed one is forgotten") {
  outbox_scene scene;
  scene.configure({scene.endpoint("a")});
  scene.happen({scene.told.created("room", {"alice", "bob"})});
  scene.configure({scene.endpoint("a"), scene.endpoint("b")});
  CHECK(scene.counts("a").waiting == 1);
  CHECK(scene.counts("b").waiting == 0);
  scene.happen({scene.told.message("room", "alice", "one")});
  CHECK(scene.counts("a").waiting == 2);
  CHECK(scene.counts("b").waiting == 1);
  scene.configure({scene.endpoint("b")});
  scene.configure({scene.endpoint("a"), scene.endpoint("b")});
  CHECK(scene.counts("a").waiting == 0);
  CHECK(scene.counts("b").waiting == 1);
}

TEST_CASE("without endpoints nothing is stored") {
  outbox_scene scene;
  scene.configure({});
  scene.happen(rooms(scene.told));
  CHECK_FALSE(std::filesystem::exists(outbox_file(scene.path()).parent_path()));
}

TEST_CASE("what happens unseen is read from the model, with the same outcome") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all"), scene.endpoint("messages", {"message.*"})});
  scene.happen_unseen(rooms(scene.told));
  scene.settle();
  CHECK(scene.counts("all").waiting == 7);
  CHECK(scene.counts("messages").waiting == 3);
  CHECK(scene.under_way() == "den/1 room/1 den/2 room/2");
}

TEST_CASE("wherever it is killed, nothing is lost and nothing comes twice") {
  for (std::size_t seen = 0; seen <= 8; ++seen)
    for (std::size_t answered = 0; answered <= 3; ++answered) {
      CAPTURE(seen, answered);
      outbox_scene scene;
      scene.configure({scene.endpoint("all")});
      const auto all = rooms(scene.told);
      const auto middle = all.begin() + static_cast<std::ptrdiff_t>(seen);
      scene.happen({all.begin(), middle});
      std::string accepted;
      for (std::size_t i = 0; i < answered && !scene.sender->sent.empty(); ++i) {
        accepted += outbox_scene::name_of(scene.sender->sent.front()) + " ";
        scene.answer(webhook_result::accepted);
      }
      scene.happen_unseen({middle, all.end()});
      scene.restart();
      accepted += scene.accept_all() + " ";
      std::string room;
      std::string den;
      for (std::size_t at = 0; at < accepted.size(); at = accepted.find(' ', at) + 1)
        (accepted[at] == 'r' ? room : den) += accepted.substr(at, accepted.find(' ', at) - at + 1);
      CHECK(room == "room/1 room/2 room/3 room/4 room/5 ");
      CHECK(den == "den/1 den/2 ");
    }
}

TEST_CASE("a walk through the model that is killed between two portions goes on there") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all")});
  std::vector<record_ptr> many;
  for (const auto* room : {"a", "b", "c"}) {
    many.push_back(scene.told.created(room, {"alice", "bob"}));
    for (std::size_t i = 0; i < limits::feed_steps / 2; ++i)
      many.push_back(scene.told.message(room, "alice", "x"));
  }
  scene.write({many});
  scene.step();
  CHECK(scene.last.steps_left);
  const auto first = scene.counts("all").waiting;
  CHECK(first > 0);
  CHECK(first < many.size());
  scene.restart();
  scene.happen({scene.told.message("a", "bob", "later")}); // while it is behind
  scene.settle();
  CHECK(scene.counts("all").waiting == many.size() + 1);
  CHECK(scene.under_way() == "a/1 b/1 c/1");
}

TEST_CASE("large batches are taken in portions, without the model") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all", {"conversation.created"})});
  dispatcher_work work;
  const auto first = scene.log()->head().value() + 1;
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<record_ptr> records;
    for (std::size_t j = 0; j < limits::webhook_records / 2 + 1; ++j)
      records.push_back(scene.told.created("room-" + std::to_string(i) + "-" + std::to_string(j),
                                           {"alice", "bob"}));
    scene.write({records});
    work.batches.push_back(batch_at(first + i, records));
  }
  const auto batches = work.batches;
  scene.step(std::move(work));
  CHECK(scene.counts("all").waiting == 2 * (limits::webhook_records / 2 + 1));
  CHECK(scene.last.steps_left);
  CHECK(scene.last.reached == position{first + 1});
  dispatcher_work rest;
  rest.batches = {batches.back()};
  scene.step(std::move(rest));
  CHECK_FALSE(scene.last.steps_left);
  CHECK(scene.counts("all").waiting == 3 * (limits::webhook_records / 2 + 1));
}

TEST_CASE("a deleted conversation collapses into its end, whichever way it comes") {
  for (const bool seen : {true, false}) {
    CAPTURE(seen);
    outbox_scene scene;
    scene.configure({scene.endpoint("all"), scene.endpoint("messages", {"message.*"})});
    scene.happen({scene.told.created("room", {"alice", "bob"}),
                  scene.told.message("room", "alice", "one"),
                  scene.told.message("room", "alice", "two")});
    const std::vector<record_ptr> end{scene.told.message("room", "bob", "three"),
                                      scene.told.deleted("room", "alice")};
    if (seen)
      scene.happen(end);
    else
      scene.happen_unseen(end);
    while (must(scene.model()->purge_some()), scene.model()->has_condemned()) {
    }
    scene.settle();
    CHECK(scene.counts("all").waiting == 1);
    CHECK(scene.counts("messages").waiting == 0);
    // What was under way may have arrived or not: its end is told after it.
    CHECK(scene.accept_all() == "room/1 room/2 room/5");
  }
}

TEST_CASE("an event that is gone with its conversation before anybody knew is passed over") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all")});
  scene.happen({scene.told.created("room", {"alice", "bob"}),
                scene.told.message("room", "alice", "one"),
                scene.told.message("room", "alice", "two")});
  scene.happen_unseen({scene.told.deleted("room", "alice")});
  while (must(scene.model()->purge_some()), scene.model()->has_condemned()) {
  }
  dispatcher_work work; // an answer is noted before the end is taken in
  work.answers.push_back({scene.sender->sent.front().number, webhook_result::accepted, {}, {}});
  scene.sender->sent.clear();
  scene.step(std::move(work));
  CHECK(scene.accept_all() == "room/4");
}

TEST_CASE("a message that was deleted meanwhile is sent as its tombstone") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all")});
  scene.happen({scene.told.created("room", {"alice", "bob"}),
                scene.told.message("room", "alice", "the secret word")});
  scene.happen({scene.told.erased("room", "alice", 2)});
  scene.answer(webhook_result::accepted);
  REQUIRE(scene.under_way() == "room/2");
  CHECK(scene.sender->sent.front().type == "message.created");
  CHECK(scene.sender->sent.front().event.find("secret") == std::string::npos);
}

TEST_CASE("what fell out while it waited is passed over, whichever way it comes") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all")});
  scene.happen({scene.told.created("room", {"alice"}), scene.told.message("room", "alice", "a"),
                scene.told.message("room", "alice", "b")});
  scene.happen({scene.told.trimmed("room", 3)});
  CHECK(scene.accept_all() == "room/1 room/3"); // the first was on its way
  scene.happen_unseen({scene.told.created("hall", {"alice"}),
                       scene.told.message("hall", "alice", "a"), scene.told.trimmed("hall", 2),
                       scene.told.message("hall", "alice", "b"), scene.told.trimmed("hall", 4)});
  scene.happen_unseen({scene.told.message("hall", "alice", "c")});
  CHECK(scene.accept_all() == "hall/4");
}

TEST_CASE("no text comes into the outbox's files") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all")});
  scene.happen({scene.told.created("room", {"alice", "bob"}),
                scene.told.message("room", "alice", "the-secret-word")});
  std::size_t looked = 0;
  for (const auto& each :
       std::filesystem::directory_iterator(outbox_file(scene.path()).parent_path())) {
    std::ifstream in{each.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    looked += bytes.size();
    CHECK(bytes.find("secret") == std::string::npos);
    CHECK(bytes.find("alice") == std::string::npos);
  }
  CHECK(looked > 0);
}

TEST_CASE("the outbox of another life of the store is made anew") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all")});
  scene.happen(rooms(scene.told));
  CHECK(scene.counts("all").waiting == 7);
  { (void)must(webhook_outbox::open(scene.path(), "another life", position{100})); }
  scene.restart();
  CHECK(scene.counts("all").waiting == 0);
  scene.happen({scene.told.message("room", "alice", "later")});
  CHECK(scene.counts("all").waiting == 1);
}

TEST_CASE("an endpoint that claims more than there is begins at the present") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all")});
  scene.worker.reset();
  {
    auto outbox = must(webhook_outbox::open_existing(scene.path()));
    must(outbox->reach(must(outbox->endpoints()).front().row, {position{1'000}, {}, {}}));
  }
  scene.restart();
  scene.happen({scene.told.created("room", {"alice", "bob"})});
  CHECK(scene.counts("all").waiting == 1);
}

TEST_CASE("a damaged outbox is said, and touches nothing else") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all")});
  scene.worker.reset();
  for (const auto* each : {"", "-wal", "-shm"}) {
    const auto file = outbox_file(scene.path()).string() + each;
    if (*each == '\0')
      std::ofstream{file} << std::string(8192, 'x');
    else
      std::filesystem::remove(file);
  }
  dispatcher_work work;
  work.endpoints = scene.endpoints;
  const auto failed = scene.dispatching().step(std::move(work));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == error_code::internal);
}

} // namespace webhook_outbox_test

} // namespace parley::test
