// Resume: exactly what a live session would have been shown since a position, or a name for what is
// left out.
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/model_rows.hpp"
#include "tests/support/unpack.hpp"

namespace parley::test {

namespace persistence_catch_up_test {

const user_id alice{"alice"};
const user_id bob{"bob"};

using numbers = std::vector<std::uint64_t>;

numbers numbers_of(const missed_conversation& missed) {
  numbers all;
  for (const auto& each : missed.events)
    all.push_back(each.seq.value());
  return all;
}

catch_up missed_by(store_of_test& data, const user_id& user, std::uint64_t since) {
  return must(data.model()->missed(user, position{since}));
}

/// The only conversation in which something was missed.
missed_conversation only(catch_up found) {
  REQUIRE_FALSE(found.unprovable);
  REQUIRE(found.missed.size() == 1);
  return std::move(found.missed.front());
}

TEST_CASE("without a cursor there are only memberships") {
  store_of_test data;
  story told;
  data.write_each({told.created("a", {"alice", "bob"}), told.created("b", {"bob"}),
                   told.created("c", {"bob", "alice"}), told.left("c", "bob", "alice")});
  const auto found = must(data.model()->missed(alice, {}));
  CHECK(found.as_of == position{4});
  CHECK(found.memberships == std::vector<conversation_id>{conversation_id{"a"}});
  CHECK(found.missed.empty());
}

TEST_CASE("what was missed is exactly what came after the position") {
  for (std::uint64_t since = 0; since <= 10; ++since) {
    store_of_test data;
    story told;
    std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
    while (records.size() < 10)
      records.push_back(told.message("room", "bob", "x"));
    data.write_each(records);
    const auto found = missed_by(data, alice, since);
    numbers expected;
    for (std::uint64_t seq = since + 1; seq <= 10; ++seq)
      expected.push_back(seq);
    if (expected.empty()) {
      CHECK(found.missed.empty());
      continue;
    }
    const auto missed = only(found);
    CHECK(numbers_of(missed) == expected);
    CHECK(missed.gap_last == sequence{});
    CHECK(missed.introduction.empty() == (since > 0));
  }
}

TEST_CASE("a conversation joined since is introduced and told from the join on") {
  store_of_test data;
  story told;
  data.write_each({told.created("room", {"bob"}), told.message("room", "bob", "before"),
                   told.joined("room", "bob", "alice"), told.message("room", "bob", "after")});
  const auto missed = only(missed_by(data, alice, 1));
  CHECK(numbers_of(missed) == numbers{3, 4});
  const auto introduction = unpack(missed.introduction);
  CHECK(introduction["type"] == "conversation");
  CHECK(introduction["member_count"] == 2);
  CHECK(introduction["members"].size() == 2);
  CHECK_FALSE(introduction.contains("ref"));
}

TEST_CASE("an ended membership is told up to its own end and no further") {
  store_of_test data;
  story told;
  data.write_each({told.created("room", {"bob", "alice"}), told.message("room", "bob", "seen"),
                   told.message("room", "bob", "missed"), told.left("room", "bob", "alice"),
                   told.message("room", "bob", "secret")});
  const auto missed = only(missed_by(data, alice, 2));
  CHECK(missed.ended);
  CHECK(numbers_of(missed) == numbers{3, 4});
  CHECK(missed.introduction.empty());
  CHECK(missed_by(data, alice, 4).missed.empty());
  CHECK(missed_by(data, alice, 2).memberships.empty());
}

TEST_CASE("a membership that began and ended meanwhile is told whole") {
  store_of_test data;
  story told;
  data.write_each({told.created("room", {"bob"}), told.joined("room", "bob", "alice"),
                   told.message("room", "bob", "in"), told.left("room", "bob", "alice"),
                   told.message("room", "bob", "out")});
  const auto missed = only(missed_by(data, alice, 1));
  CHECK(missed.ended);
  CHECK(numbers_of(missed) == numbers{2, 3, 4});
}

TEST_CASE("who was taken out and came back is told both times, not what was said between") {
  store_of_test data;
  story told;
  data.write_each({told.created("room", {"bob", "alice"}), told.message("room", "bob", "2"),
                   told.left("room", "bob", "alice"),
                   told.message("room", "bob", "4, not for alice"),
                   told.joined("room", "bob", "alice"), told.message("room", "bob", "6")});
  const auto back = only(missed_by(data, alice, 1));
  CHECK_FALSE(back.ended);
  CHECK_FALSE(back.introduction.empty());
  CHECK(numbers_of(back) == numbers{2, 3, 5, 6});
  data.write({{told.left("room", "bob", "alice")}, {told.message("room", "bob", "8")}});
  const auto gone = only(missed_by(data, alice, 1));
  CHECK(gone.ended);
  CHECK(numbers_of(gone) == numbers{2, 3, 5, 6, 7});
}

TEST_CASE("more than a resume holds is named by a gap in front of the newest") {
  store_of_test data;
  story told;
  std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
  while (records.size() < limits::resume_events + 100)
    records.push_back(told.message("room", "bob", "x"));
  data.write({records});
  const auto missed = only(missed_by(data, alice, 0));
  CHECK(missed.events.size() == limits::resume_events);
  CHECK(missed.events.back().seq == sequence{limits::resume_events + 100});
  CHECK(missed.gap_first == sequence{1});
  CHECK(missed.gap_last == sequence{100});
}

TEST_CASE("conversations beyond the budget of bytes are named by gaps, the newest come first") {
  store_of_test data;
  story told;
  const std::size_t conversations = 3;
  for (std::size_t i = 0; i < conversations; ++i) {
    std::vector<record_ptr> records{told.created("room" + std::to_string(i), {"alice", "bob"})};
    while (records.size() < 150)
      records.push_back(told.message("room" + std::to_string(i), "bob", std::string(16'000, 'x')));
    for (const auto& each : records)
      data.write({{each}});
  }
  const auto found = missed_by(data, alice, 0);
  REQUIRE(found.missed.size() == conversations);
  CHECK(found.missed[0].conversation == conversation_id{"room2"});
  CHECK(found.missed[0].gap_last == sequence{});
  CHECK(found.missed[0].events.size() == 150);
  CHECK(found.missed[1].gap_first == sequence{1});
  CHECK(found.missed[1].gap_last == found.missed[1].events.front().seq.previous());
  CHECK(found.missed[2].gap_first == sequence{1});
  CHECK(found.missed[2].gap_last == sequence{150});
  CHECK(found.missed[2].events.empty());
}

TEST_CASE("the end of a membership is told even when the budget is used up") {
  store_of_test data;
  story told;
  std::vector<record_ptr> old{told.created("old", {"bob", "alice"})};
  for (int i = 0; i < 20; ++i)
    old.push_back(told.message("old", "bob", std::string(16'200, 'x')));
  old.push_back(told.left("old", "bob", "alice"));
  data.write({old});
  std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
  while (records.size() < 300)
    records.push_back(told.message("room", "bob", std::string(16'000, 'x')));
  data.write_each(records);
  const auto found = missed_by(data, alice, 0);
  REQUIRE(found.missed.size() == 2);
  CHECK(found.missed[1].ended);
  CHECK(numbers_of(found.missed[1]) == numbers{22});
  CHECK(found.missed[1].gap_last == sequence{21});
}

TEST_CASE("a position that the log does not have yet proves nothing") {
  store_of_test data;
  story told;
  data.write_each({told.created("room", {"alice"})});
  CHECK_FALSE(missed_by(data, alice, 1).unprovable);
  CHECK(missed_by(data, alice, 2).unprovable);
}

TEST_CASE("a membership with more periods than are kept proves what it can") {
  store_of_test data;
  story told;
  data.write_each({told.created("room", {"bob", "alice"})});
  for (std::size_t i = 0; i < kept_periods + 2; ++i)
    data.write_each({told.left("room", "bob", "alice"), told.joined("room", "bob", "alice")});
  CHECK(missed_by(data, alice, 1).unprovable);
  const auto recent = only(missed_by(data, alice, 1 + 2 * (kept_periods + 1)));
  CHECK(recent.events.size() == 2);
}

} // namespace persistence_catch_up_test

} // namespace parley::test
