// The read model: the same rows however batches were grouped, and answers that are right or
// refused.
#include <algorithm>
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_read_model_test {

const conversation_id room{"room"};
const user_id alice{"alice"};
const user_id bob{"bob"};

/// A story with everything in it that changes rows.
std::vector<batch_ptr> a_day() {
  story told;
  std::vector<batch_ptr> batches;
  const auto add = [&](std::vector<record_ptr> records) {
    batches.push_back(batch_at(batches.size() + 1, std::move(records)));
  };
  add({told.created("room", {"alice", "bob"}), told.created("hall", {"bob", "alice", "carol"})});
  add({told.message("room", "alice", "one"), told.message("hall", "bob", "two")});
  add({told.joined("room", "alice", "carol"), told.message("room", "carol", "three")});
  add({told.left("room", "alice", "bob"), told.message("hall", "carol", "four")});
  add({told.joined("room", "alice", "bob"), told.left("hall", "bob", "bob")});
  add({told.message("room", "bob", "five"), told.left("room", "bob", "bob")});
  add({told.message("hall", "carol", "six", {}, {user_id{"alice"}})});
  const std::uint64_t six = batches.back()->records.front()->seq.value();
  add({told.edited("hall", "carol", six, "sixth", {user_id{"@all"}}, {{user_id{"alice"}}, false}),
       told.reacted("hall", "alice", "carol", six, "+1"),
       told.kept("hall", "alice", {true, {}, {}, {}})});
  const std::uint64_t edit = batches.back()->records.front()->seq.value();
  add({told.message("hall", "alice", "seven"), told.kept("hall", "alice", {{}, {}, true, {}})});
  add({told.erased("hall", "carol", six, {edit}, {{}, true}),
       told.reacted("room", "alice", "alice", 2, "+1")});
  add({told.reacted("room", "alice", "alice", 2, "+1", true),
       told.hidden("room", "carol", "alice", 2)});
  return batches;
}

row_dump rows_after(const std::vector<std::vector<batch_ptr>>& transactions) {
  store_of_test data;
  auto model = data.model();
  for (const auto& each : transactions)
    must(model->apply(each));
  auto rows = dump(*model);
  std::erase_if(rows, [](const auto& row) { return row.first == "meta/epoch"; });
  return rows;
}

std::vector<std::uint64_t> numbers_of(const std::vector<stored_event>& events) {
  std::vector<std::uint64_t> numbers;
  for (const auto& each : events)
    numbers.push_back(each.seq.value());
  return numbers;
}

using numbers = std::vector<std::uint64_t>;

page_range range_of(std::uint64_t first, std::uint64_t last, std::size_t limit, bool newest_first) {
  return {sequence{first}, sequence{last}, newest_first, limit, false};
}

/// A room of alice and bob with messages 2, 3, … up to `last`.
store_of_test& with_messages(store_of_test& data, std::uint64_t last, std::size_t body = 10) {
  story told;
  std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
  while (records.size() < last)
    records.push_back(told.message("room", "alice", std::string(body, 'x')));
  data.write_each(records);
  return data;
}

TEST_CASE("rows do not depend on how batches were grouped into transactions") {
  const auto batches = a_day();
  std::vector<std::vector<batch_ptr>> one_each;
  for (const auto& each : batches)
    one_each.push_back({each});
  const auto expected = rows_after({batches});
  CHECK(expected.size() > 20);
  CHECK(rows_after(one_each) == expected);
  for (std::size_t cut = 1; cut < batches.size(); ++cut) {
    const auto middle = batches.begin() + static_cast<std::ptrdiff_t>(cut);
    CHECK(rows_after({{batches.begin(), middle}, {middle, batches.end()}}) == expected);
  }
}

TEST_CASE("a batch that was applied already changes nothing") {
  const auto batches = a_day();
  const auto expected = rows_after({batches});
  CHECK(rows_after({{batches[0], batches[1]}, batches, batches}) == expected);
}

TEST_CASE("a batch that leaves a hole is refused, in the log or in a conversation") {
  store_of_test data;
  const auto batches = a_day();
  auto hole = data.model()->apply({{batches[0], batches[2]}});
  REQUIRE_FALSE(hole.ok());
  CHECK(hole.error().code == error_code::internal);
  auto skipped = data.model()->apply({{batch_at(1, batches[1]->records)}});
  REQUIRE_FALSE(skipped.ok());
  CHECK(data.model()->applied() == position{});
  CHECK(must(data.model()->apply(batches)) == position{11});
}

TEST_CASE("a snapshot has the conversation's facts, its members and its newest events") {
  store_of_test data;
  must(data.model()->apply(a_day()));
  const auto found = must(data.model()->snapshot(conversation_id{"hall"}));
  REQUIRE(found.exists);
  CHECK(found.title == "about hall");
  CHECK(found.creator == bob);
  CHECK(found.head == sequence{9});
  CHECK(found.head_position == position{10});
  CHECK(found.messages == message_ordinal{4});
  REQUIRE(found.members.size() == 2);
  CHECK(found.members[0].user == alice);
  CHECK(found.members[0].joined_seq == sequence{1});
  CHECK(numbers_of(found.tail) == numbers{1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK_FALSE(must(data.model()->snapshot(conversation_id{"nowhere"})).exists);
}

TEST_CASE("a snapshot's tail is bounded in events and in bytes") {
  store_of_test many;
  const auto tail =
      must(with_messages(many, limits::tail_events + 50).model()->snapshot(room)).tail;
  CHECK(tail.size() == limits::tail_events);
  CHECK(tail.back().seq == sequence{limits::tail_events + 50});
  store_of_test large;
  CHECK(must(with_messages(large, 20, 16'000).model()->snapshot(room)).tail.size() < 9);
}

TEST_CASE("a key leads to its first event for ever") {
  store_of_test data;
  must(data.model()->apply(a_day()));
  const auto found = must(data.model()->find({{room, alice, client_id{"room-2"}},
                                              {room, bob, client_id{"room-2"}},
                                              {conversation_id{"hall"}, alice, client_id{"room-2"}},
                                              {room, alice, client_id{"create-room"}}}));
  REQUIRE(found.size() == 4);
  REQUIRE(found[0].has_value());
  CHECK(found[0]->seq == sequence{2});
  CHECK(found[0]->conversation == room);
  CHECK_FALSE(found[1].has_value());
  CHECK_FALSE(found[2].has_value());
  CHECK(found[3]->seq == sequence{1});
}

TEST_CASE("a page takes what was asked for from the end that matters") {
  store_of_test data;
  auto model = with_messages(data, 20).model();
  struct expectation {
    page_range range;
    numbers events;
    bool more;
  };
  const std::vector<expectation> table{
      {range_of(1, 20, 3, false), {1, 2, 3}, true},  {range_of(1, 20, 3, true), {18, 19, 20}, true},
      {range_of(5, 7, 10, false), {5, 6, 7}, false}, {range_of(19, 99, 10, true), {19, 20}, false},
      {range_of(0, 2, 10, false), {1, 2}, false},    {range_of(21, 30, 10, false), {}, false},
      {range_of(9, 4, 10, false), {}, false},        {range_of(20, 20, 1, true), {20}, false}};
  for (const auto& each : table) {
    const auto page = must(model->page(room, each.range, {}));
    CHECK(numbers_of(page.events) == each.events);
    CHECK(page.more == each.more);
  }
  CHECK(must(model->page(conversation_id{"nowhere"}, range_of(1, 9, 9, false), {})).events.empty());
}

TEST_CASE("a page is cut at its bytes, but has one event at least") {
  store_of_test data;
  auto model = with_messages(data, 60, 16'000).model();
  const auto page = must(model->page(room, range_of(1, 60, 100, false), {}));
  CHECK(page.events.size() == 1 + limits::page_bytes / 16'100); // the first one joins
  CHECK(page.more);
  CHECK(must(model->page(room, range_of(2, 60, 100, true), {})).events.back().seq == sequence{60});
}

TEST_CASE("a list is ordered by what changed last, then by id, and is paged without repeats") {
  store_of_test data;
  story told;
  for (const auto* name : {"a", "b", "c", "d", "e"})
    data.write({{told.created(name, {"alice", "bob"})}});
  data.write({{told.message("b", "alice", "x"), told.message("d", "bob", "y")},
              {told.left("e", "bob", "bob")}});
  list_conversations ask;
  ask.limit = 2;
  std::vector<std::string> seen;
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = must(data.model()->list(alice, ask, {}));
    for (const auto& each : page.items)
      seen.push_back(each.conversation.str());
    ask.cursor = page.cursor;
    if (!page.cursor)
      break;
  }
  CHECK(seen == std::vector<std::string>{"e", "b", "d", "c", "a"});
  CHECK(must(data.model()->list(bob, {}, {})).items.size() == 4);
  CHECK(must(data.model()->list(user_id{"nobody"}, {}, {})).items.empty());
}

TEST_CASE("a listed conversation says role, head, last message and, when direct, both users") {
  store_of_test data;
  story told;
  data.write({{told.created("pair", {"alice", "bob"}, conversation_kind::direct),
               told.message("pair", "alice", "hello")}});
  const auto listed = must(data.model()->list(bob, {}, {})).items;
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].as == role::member);
  CHECK(listed[0].head == sequence{2});
  CHECK(listed[0].last_message.find("hello") != std::string::npos);
  CHECK(listed[0].direct == std::vector<user_id>{alice, bob});
}

TEST_CASE("a cursor that no list made is a bad request") {
  store_of_test data;
  must(data.model()->apply(a_day()));
  for (const auto* cursor : {"", "nonsense!", "AAAA", "AAAAAAAAAAA"}) {
    list_conversations ask;
    ask.cursor = cursor;
    const auto page = data.model()->list(alice, ask, {});
    REQUIRE_FALSE(page.ok());
    CHECK(page.error().code == error_code::bad_request);
  }
}

TEST_CASE("a limit is clamped to a page") {
  store_of_test data;
  story told;
  std::vector<record_ptr> records;
  for (int i = 0; i < 120; ++i)
    records.push_back(told.created("c" + std::to_string(i), {"alice"}));
  data.write({records});
  for (std::uint64_t limit :
       {std::uint64_t{0}, std::uint64_t{100}, std::uint64_t{5000}, UINT64_MAX}) {
    list_conversations ask;
    ask.limit = limit;
    CHECK(must(data.model()->list(alice, ask, {})).items.size() == (limit == 0 ? 1 : 100));
  }
}

TEST_CASE("a flipped bit in any table is a failure that names the row, never wrong data") {
  struct fault {
    model_table table;
    std::string key;
  };
  for (const auto& each : std::vector<fault>{{model_table::events, event_key(room, sequence{3})},
                                             {model_table::conversations, "room"},
                                             {model_table::members, member_key(room, alice)}}) {
    store_of_test data;
    must(data.model()->apply(a_day()));
    data.close();
    spoil(data.path(), each.table, each.key);
    auto model = must(read_model::open({data.path() / "model", {}, std::size_t{64} << 20}));
    const auto found = model->snapshot(room);
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().code == error_code::internal);
    CHECK(found.error().message.find(describe_row(each.table, each.key)) != std::string::npos);
    CHECK(must(model->snapshot(conversation_id{"hall"})).exists);
  }
}

TEST_CASE("an event that is missing is a failure, not a shorter page") {
  store_of_test data;
  must(data.model()->apply(a_day()));
  data.close();
  uproot(data.path(), model_table::events, event_key(room, sequence{3}));
  auto model = must(read_model::open({data.path() / "model", {}, std::size_t{64} << 20}));
  const auto page = model->page(room, range_of(1, 9, 9, false), {});
  REQUIRE_FALSE(page.ok());
  CHECK(page.error().message.find("is missing") != std::string::npos);
}

TEST_CASE("a read that grows too old ends with overloaded instead of holding pages") {
  store_of_test data;
  story told;
  std::vector<record_ptr> records;
  for (int i = 0; i < 100; ++i)
    records.push_back(told.created("room" + std::to_string(i), {"alice"}));
  data.write({records});
  data.close();
  environment_options options{data.path() / "model", {}, std::size_t{64} << 20};
  options.read_age = std::chrono::nanoseconds{0};
  auto model = must(read_model::open(options));
  const auto list = model->list(alice, {}, {});
  REQUIRE_FALSE(list.ok());
  CHECK(list.error().code == error_code::overloaded);
  CHECK(list.error().retry_after.has_value());
  CHECK(model->missed(alice, position{}).error().code == error_code::overloaded);
  CHECK(must(model->snapshot(conversation_id{"room0"})).exists); // short reads go on
}

} // namespace persistence_read_model_test

} // namespace parley::test
