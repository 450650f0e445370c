// Rows of the read model: keys that sort as what they name does, values that belong to their place.
#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "persistence/schema.hpp"
#include "persistence/schema_values.hpp"
#include "tests/support/catch.hpp"

namespace parley::test {

namespace persistence_schema_test {

const conversation_id room{"room"};
const user_id alice{"alice"};

TEST_CASE("events sort by conversation, then by number") {
  std::vector<std::string> keys;
  for (const auto* conversation : {"a", "b", "ab"}) {
    for (std::uint64_t seq : {1u, 2u, 255u, 256u, 70'000u})
      keys.push_back(event_key(conversation_id{conversation}, sequence{seq}));
  }
  CHECK(std::is_sorted(keys.begin(), keys.end()));
}

TEST_CASE("no conversation's keys begin with another's prefix") {
  CHECK_FALSE(event_key(conversation_id{"ab"}, sequence{1})
                  .starts_with(event_prefix(conversation_id{"a"})));
  CHECK_FALSE(
      member_key(conversation_id{"ab"}, alice).starts_with(member_prefix(conversation_id{"a"})));
  CHECK_FALSE(membership_key(user_id{"ab"}, room).starts_with(membership_prefix(user_id{"a"})));
}

TEST_CASE("keys give back what they name") {
  CHECK(split_event_key(event_key(room, sequence{7})) == std::pair{room, sequence{7}});
  CHECK(split_member_key(member_key(room, alice)) == std::pair{room, alice});
  CHECK(split_membership_key(membership_key(alice, room)) == std::pair{alice, room});
  for (const std::string& bad :
       {std::string(), std::string("\x05room", 5), std::string("\x04room")}) {
    CHECK_FALSE(split_event_key(bad).has_value());
    CHECK_FALSE(split_member_key(bad).has_value());
  }
}

TEST_CASE("idempotency keys differ in scope, sender and client, and where one ends matters") {
  const auto key = [](const char* scope, const char* sender, const char* client) {
    return dedupe_key({conversation_id{scope}, user_id{sender}, client_id{client}});
  };
  std::vector<std::string> keys{key("a", "b", "c"), key("ab", "c", "d"), key("a", "bc", "d"),
                                key("a", "b", "cd"), key("abc", "d", "e")};
  std::sort(keys.begin(), keys.end());
  CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
  CHECK(keys.front().size() == 24);
}

TEST_CASE("rows come back from their values") {
  const std::string key = event_key(room, sequence{3});
  const std::string value =
      encode_row(key, event_row{position{9}, record_kind::left, message_ordinal{2}, "event"});
  const auto event = decode_event(key, value);
  REQUIRE(event.ok());
  CHECK(event->at == position{9});
  CHECK(event->kind == record_kind::left);
  CHECK(event->ordinal == message_ordinal{2});
  CHECK(event->event == "event");

  membership_row periods;
  periods.shortened = true;
  periods.periods = {{sequence{1}, position{2}, sequence{3}, position{4}},
                     {sequence{5}, position{6}, {}, {}}};
  const std::string place = membership_key(alice, room);
  const auto membership = decode_membership(place, encode_row(place, periods));
  REQUIRE(membership.ok());
  CHECK(membership->shortened);
  CHECK(membership->active());
  REQUIRE(membership->periods.size() == 2);
  CHECK(membership->periods[0].left_at == position{4});
  CHECK(membership->periods[1].joined == sequence{5});
}

TEST_CASE("a value is refused at another key, in another table, and with any bit flipped") {
  const std::string key = member_key(room, alice);
  const std::string value = encode_row(key, member_row{role::admin, sequence{1}, timestamp{}});
  CHECK(decode_member(key, value).ok());
  CHECK_FALSE(decode_member(member_key(room, user_id{"bob"}), value).ok());
  CHECK_FALSE(decode_membership(key, value).ok());
  for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
    std::string changed = value;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    REQUIRE_FALSE(decode_member(key, changed).ok());
  }
  for (std::size_t length = 0; length < value.size(); ++length)
    REQUIRE_FALSE(decode_member(key, value.substr(0, length)).ok());
}

TEST_CASE("when a receipt moved is read alone, and refused like the whole row") {
  const std::string key = receipt_key(room, alice);
  receipt_row row;
  row.now = {sequence{9}, sequence{300}, sequence{8}};
  row.since = sequence{1};
  row.moved = position{70'000};
  row.told = position{60'000};
  row.devices = {{device_id{"phone"}, sequence{9}, sequence{8}, timestamp{}}};
  row.read.newest = {{sequence{300}, timestamp{}}};
  const std::string value = encode_row(key, row);
  const auto moved = decode_receipt_moved(key, value);
  REQUIRE(moved.ok());
  CHECK(moved->any == position{70'000});
  CHECK(moved->told == position{60'000});
  CHECK(decode_receipt(key, value)->devices == row.devices);
  CHECK_FALSE(decode_receipt_moved(receipt_key(room, user_id{"bob"}), value).ok());
  for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
    std::string changed = value;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    REQUIRE_FALSE(decode_receipt_moved(key, changed).ok());
  }
}

TEST_CASE("moves of a cursor to times that add up to none are refused") {
  const std::string key = journal_key(room, alice, cursor_kind::read, sequence{1});
  packed_writer row;
  row.array(2).number(0).array(4).number(1).integer(20'000);
  row.number(1).integer(std::numeric_limits<std::int64_t>::max());
  CHECK_FALSE(decode_journal(key, seal(model_table::journal, key, std::move(row))).ok());
}

TEST_CASE("a damaged row is named by table and key") {
  const auto read = decode_conversation("room", "nonsense");
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().code == error_code::internal);
  CHECK(read.error().message.find("conversations \"room\"") != std::string::npos);
  CHECK(describe_row(model_table::events, event_key(room, sequence{258})) ==
        "events \"\\x04room\\x00\\x00\\x00\\x00\\x00\\x00\\x01\\x02\"");
}

} // namespace persistence_schema_test

} // namespace parley::test
