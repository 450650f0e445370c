// `check` finds nothing in a good store, and names every kind of fault that is planted in one.
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "persistence/check.hpp"
#include "persistence/checksum.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace {

const conversation_id room{"room"};
const user_id alice{"alice"};

void fill(store_of_test& data) {
  story told;
  data.write_each({told.created("room", {"alice", "bob"}), told.created("hall", {"carol"}),
                   told.message("room", "alice", "one"), told.message("room", "bob", "two"),
                   told.joined("room", "alice", "carol"), told.left("room", "alice", "bob"),
                   told.message("hall", "carol", "three")});
  data.close();
}

struct verdict {
  std::size_t problems;
  std::string text;
};

verdict check_of(const std::filesystem::path& data) {
  std::ostringstream out;
  const auto problems = check(data, out);
  return {problems, out.str()};
}

std::string row_of(const std::filesystem::path& data, model_table table, const std::string& key) {
  auto opened = raw_model(data);
  auto reading = opened->read();
  return std::string(must(reading->get(index_of(table), key)).value());
}

std::string log_key(std::uint64_t at) {
  std::string key;
  append_big_endian(key, at);
  return key;
}

void change_log(const std::filesystem::path& data,
                const std::function<void(write_transaction&)>& how) {
  must(raw_log(data)->write([&](write_transaction& writing) {
    how(writing);
    return success();
  }));
}

} // namespace

TEST_CASE("a good store has no problems and is counted") {
  store_of_test data;
  fill(data);
  const auto found = check_of(data.path());
  INFO(found.text);
  CHECK(found.problems == 0);
  CHECK(
      found.text.find("2 conversations, 7 events, 5 idempotency keys, 4 memberships, 7 batches") !=
      std::string::npos);
}

TEST_CASE("a good store with an unapplied tail has no problems") {
  store_of_test data;
  story told;
  data.write_each({told.created("room", {"alice"})});
  must(data.log()->append(encode_batch({{told.message("room", "alice", "later")}})));
  data.close();
  CHECK(check_of(data.path()).problems == 0);
}

TEST_CASE("a directory without a store is a problem, not a crash") {
  temporary_directory empty;
  CHECK(check_of(empty.path()).problems == 1);
}

TEST_CASE("check names each fault that is planted in the model") {
  using path = std::filesystem::path;
  struct fault {
    const char* what;
    std::function<void(const path&)> plant;
    const char* expected;
  };
  const std::string event = event_key(room, sequence{2});
  const std::string key = dedupe_key({room, alice, client_id{"room-2"}});
  const std::string member = member_key(room, alice);
  const std::string membership = membership_key(alice, room);
  const auto with_row = [](const path& data, auto decode, model_table table, const std::string& at,
                           auto change) {
    const std::string value = row_of(data, table, at);
    auto row = must(decode(at, value));
    change(row);
    plant(data, table, at, encode_row(at, row));
  };
  const std::vector<fault> faults{
      {"a flipped bit in an event", [&](const path& d) { spoil(d, model_table::events, event); },
       "does not match its checksum"},
      {"a flipped bit in a key", [&](const path& d) { spoil(d, model_table::dedupe, key); },
       "does not match its checksum"},
      {"a flipped bit in a member", [&](const path& d) { spoil(d, model_table::members, member); },
       "does not match its checksum"},
      {"a flipped bit in a membership",
       [&](const path& d) { spoil(d, model_table::memberships, membership); },
       "does not match its checksum"},
      {"a flipped bit in a conversation",
       [&](const path& d) { spoil(d, model_table::conversations, "room"); },
       "does not match its checksum"},
      {"a flipped bit in a creation",
       [&](const path& d) { spoil(d, model_table::creations, "room"); },
       "does not match its checksum"},
      {"a flipped bit in the applied position",
       [&](const path& d) { spoil(d, model_table::meta, meta::applied); },
       "does not match its checksum"},
      {"a missing event", [&](const path& d) { uproot(d, model_table::events, event); },
       "does not follow 1"},
      {"a missing key", [&](const path& d) { uproot(d, model_table::dedupe, key); },
       "has no idempotency key"},
      {"a missing member", [&](const path& d) { uproot(d, model_table::members, member); },
       "disagree"},
      {"a missing membership",
       [&](const path& d) { uproot(d, model_table::memberships, membership); },
       "has no membership"},
      {"a missing conversation",
       [&](const path& d) { uproot(d, model_table::conversations, "room"); },
       "conversations \"room\" is missing"},
      {"a missing creation", [&](const path& d) { uproot(d, model_table::creations, "room"); },
       "creations \"room\" is missing"},
      {"a wrong head",
       [&](const path& d) {
         with_row(d, decode_conversation, model_table::conversations, "room",
                  [](auto& row) { row.head = sequence{9}; });
       },
       "names another head"},
      {"a wrong count of messages",
       [&](const path& d) {
         with_row(d, decode_conversation, model_table::conversations, "room",
                  [](auto& row) { row.messages = message_ordinal{9}; });
       },
       "counts other messages"},
      {"a wrong count of members",
       [&](const path& d) {
         with_row(d, decode_conversation, model_table::conversations, "room",
                  [](auto& row) { row.members = 9; });
       },
       "counts other members"},
      {"a wrong ordinal",
       [&](const path& d) {
         with_row(d, decode_event, model_table::events, event,
                  [](auto& row) { row.ordinal = message_ordinal{9}; });
       },
       "wrong message ordinal"},
      {"a position out of order",
       [&](const path& d) {
         with_row(d, decode_event, model_table::events, event,
                  [](auto& row) { row.at = position{99}; });
       },
       "position out of order"},
      {"an event of another place",
       [&](const path& d) {
         with_row(d, decode_event, model_table::events, event,
                  [](auto& row) { row.event = "\x80"; });
       },
       "event of another place"},
      {"a key that leads elsewhere",
       [&](const path& d) {
         with_row(d, decode_dedupe, model_table::dedupe, key,
                  [](auto& row) { row.seq = sequence{3}; });
       },
       "leads elsewhere"},
      {"a key that leads nowhere",
       [&](const path& d) {
         with_row(d, decode_dedupe, model_table::dedupe, key,
                  [](auto& row) { row.seq = sequence{99}; });
       },
       "leads to an event that is missing"},
      {"a member who joined elsewhere",
       [&](const path& d) {
         with_row(d, decode_member, model_table::members, member,
                  [](auto& row) { row.joined_seq = sequence{2}; });
       },
       "joined elsewhere"},
      {"a membership that names another event",
       [&](const path& d) {
         with_row(d, decode_membership, model_table::memberships, membership,
                  [](auto& row) { row.periods[0].joined = sequence{2}; });
       },
       "which is another"},
      {"a membership out of order",
       [&](const path& d) {
         with_row(d, decode_membership, model_table::memberships, membership,
                  [](auto& row) { row.periods.push_back(row.periods[0]); });
       },
       "periods out of order"},
      {"a newer format",
       [&](const path& d) {
         plant(d, model_table::meta, meta::format, encode_meta(meta::format, model_format + 1));
       },
       "newer version"},
  };
  for (const auto& each : faults) {
    store_of_test data;
    fill(data);
    each.plant(data.path());
    const auto found = check_of(data.path());
    INFO(each.what << ":\n" << found.text);
    CHECK(found.problems > 0);
    CHECK(found.text.find(each.expected) != std::string::npos);
  }
}

TEST_CASE("check names each fault that is planted in the log") {
  store_of_test data;
  fill(data);
  const char* expected = nullptr;
  SECTION("a flipped bit") {
    change_log(data.path(), [](write_transaction& writing) {
      std::string batch{must(writing.get(0, log_key(3))).value()};
      batch.back() = static_cast<char>(batch.back() ^ 1);
      writing.put(0, log_key(3), batch);
    });
    expected = "log 3: a batch of the log does not match its checksum";
  }
  SECTION("a missing batch") {
    change_log(data.path(), [](write_transaction& writing) { writing.erase(0, log_key(3)); });
    expected = "log 4 does not follow 2";
  }
  SECTION("a missing end") {
    change_log(data.path(), [](write_transaction& writing) { writing.erase(0, log_key(7)); });
    expected = "ends at 6, before what is applied";
  }
  SECTION("a batch that differs from the model") {
    change_log(data.path(), [](write_transaction& writing) {
      story told;
      told.created("room", {"alice", "bob"});
      writing.put(0, log_key(3), encode_batch({{told.message("room", "alice", "altered")}}));
    });
    expected = "differs from what the log has";
  }
  SECTION("an applied event that the model does not have") {
    change_log(data.path(), [](write_transaction& writing) {
      story told;
      writing.put(0, log_key(7), encode_batch({{told.created("lost", {"alice"})}}));
    });
    expected = "is in the log but not in the model";
  }
  SECTION("another epoch") {
    plant(data.path(), model_table::meta, meta::epoch,
          encode_meta(meta::epoch, std::string_view("other")));
    expected = "belongs to another store";
  }
  const auto found = check_of(data.path());
  INFO(found.text);
  CHECK(found.problems > 0);
  CHECK(found.text.find(expected) != std::string::npos);
}

TEST_CASE("a hundred problems are told, the rest is counted") {
  store_of_test data;
  story told;
  std::vector<record_ptr> records{told.created("room", {"alice"})};
  while (records.size() < 200)
    records.push_back(told.message("room", "alice", "x"));
  data.write({records});
  data.close();
  must(raw_model(data.path())->write([&](write_transaction& writing) {
    for (std::uint64_t seq = 2; seq <= 200; ++seq)
      writing.erase(index_of(model_table::dedupe),
                    dedupe_key({room, alice, client_id{"room-" + std::to_string(seq)}}));
    return success();
  }));
  const auto found = check_of(data.path());
  CHECK(found.problems == 2 * 199); // in the log, and as an event's
  CHECK(std::count(found.text.begin(), found.text.end(), '\n') == 102);
}

} // namespace parley::test
