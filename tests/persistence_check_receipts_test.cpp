// The audit of unread: each planted fault in cursors, moves, lists and leftovers is named.
#include <functional>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_check_receipts_test {

using path = std::filesystem::path;

const conversation_id room{"room"};
const user_id bob{"bob"};
const std::string receipt_at = receipt_key(room, bob);
const std::string journal_at = journal_key(room, bob, cursor_kind::read, sequence{2});
const std::string list_at =
    tally_key(tally_prefix(room, tally::own, user_id{"alice"}), sequence{5});

/// Alice writes 40 messages, some of which mention Bob or everyone, and Bob reads each of them;
/// another conversation was deleted.
void fill(store_of_test& data) {
  story told;
  std::vector<record_ptr> records{told.created("gone", {"alice", "bob"}),
                                  told.message("gone", "alice", "x"), told.deleted("gone", "alice"),
                                  told.created("room", {"alice", "bob"})};
  for (std::uint64_t seq = 2; seq < 42; ++seq) {
    const std::vector<user_id> mentions = seq % 3 == 0   ? std::vector{bob}
                                          : seq % 3 == 1 ? std::vector{user_id{"@all"}}
                                                         : std::vector<user_id>{};
    records.push_back(told.message("room", "alice", "x", {}, mentions));
    records.push_back(
        told.receipts("room", {{bob, {sequence{seq}, sequence{seq}, sequence{seq}}}}));
  }
  records.push_back(told.message("room", "bob", "x"));
  data.write({records});
  while (data.model()->has_condemned())
    must(data.model()->purge_some());
  data.close();
}

struct fault {
  const char* expected;
  std::function<void(const path&)> plant;
};

/// A row that says something else under a right checksum.
template <class Decode, class Change>
fault altered(const char* expected, model_table table, const std::string& key, Decode decode,
              Change change) {
  return {expected, [=](const path& data) {
            std::string value;
            {
              auto opened = raw_model(data);
              auto reading = opened->read();
              value = std::string(must(reading->get(index_of(table), key)).value());
            }
            auto row = must(decode(key, value));
            change(row);
            plant(data, table, key, encode_row(key, row));
          }};
}

template <class Change>
fault altered_receipt(const char* expected, Change change) {
  return altered(expected, model_table::receipts, receipt_at, decode_receipt, change);
}

std::vector<fault> faults() {
  const std::string foreign =
      tally_key(tally_prefix(room, tally::named, user_id{"carol"}), sequence{3});
  const std::string leftover = event_key(conversation_id{"gone"}, sequence{1});
  return {
      altered_receipt("counts other messages up to its cursor", [](auto& row) { ++row.others; }),
      altered_receipt("counts other messages up to its cursor", [](auto& row) { --row.mentions; }),
      altered_receipt("cursors out of bounds", [](auto& row) { row.now.delivered = sequence{99}; }),
      altered_receipt("cursors out of bounds", [](auto& row) { row.moved = position{99}; }),
      altered_receipt("cursors out of bounds", [](auto& row) { row.now.shown = sequence{99}; }),
      altered_receipt("cursors out of bounds",
                      [](auto& row) { row.told = position{row.moved.value() + 1}; }),
      altered_receipt("devices out of bounds",
                      [](auto& row) {
                        row.devices = {{device_id{"d"}, sequence{2}, sequence{3}, {}}};
                      }),
      altered_receipt("does not stand where its moves lead",
                      [](auto& row) { row.read.newest.back().to = sequence{40}; }),
      altered_receipt("rows, but cursors lead to",
                      [](auto& row) { row.delivered.older = sequence{}; }),
      altered_receipt("is of nobody who is there", [](auto& row) { row.since = sequence{2}; }),
      altered("does not stand where its moves lead", model_table::journal, journal_at,
              decode_journal, [](auto& row) { row.moves.front().to = sequence{3}; }),
      altered("counts other mentions", model_table::conversations, "room", decode_conversation,
              [](auto& row) { --row.mentions; }),
      {"roombob\" does not match its checksum",
       [](const path& data) { spoil(data, model_table::receipts, receipt_at); }},
      {"has no receipt", [](const path& data) { uproot(data, model_table::receipts, receipt_at); }},
      {"does not match its checksum",
       [](const path& data) { spoil(data, model_table::journal, journal_at); }},
      {"does not stand where its moves lead",
       [](const path& data) { uproot(data, model_table::journal, journal_at); }},
      {"does not match its checksum",
       [](const path& data) { spoil(data, model_table::tallies, list_at); }},
      {"does not follow the one before",
       [](const path& data) { uproot(data, model_table::tallies, list_at); }},
      {"rows, but messages make",
       [=](const path& data) {
         plant(data, model_table::tallies, foreign, encode_tally(foreign, 1));
       }},
      {"rows of a conversation that was deleted",
       [=](const path& data) {
         plant(data, model_table::events, leftover,
               encode_row(leftover, event_row{position{1}, record_kind::message, message_ordinal{1},
                                              "\x80"}));
       }},
  };
}

TEST_CASE("check names each fault in what unread is made of") {
  std::size_t planted = 0;
  for (const auto& each : faults()) {
    store_of_test data;
    fill(data);
    REQUIRE(problems_of(data.path()) == "");
    each.plant(data.path());
    const auto problems = problems_of(data.path());
    INFO(++planted << ": " << each.expected << ":\n" << problems);
    CHECK(problems.find(each.expected) != std::string::npos);
  }
}

} // namespace persistence_check_receipts_test

} // namespace parley::test
