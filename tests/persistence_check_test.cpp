// `check` finds nothing in a good store, and names every kind of fault that is planted in one.
#include <functional>
#include <string>
#include <vector>

#include "actors/limits_people.hpp"
#include "persistence/checksum.hpp"
#include "persistence/corrections.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_check_test {

using namespace std::chrono_literals;

const conversation_id room{"room"};
const user_id alice{"alice"};

void fill(store_of_test& data) {
  story told;
  data.write_each(
      {told.created("room", {"alice", "bob"}), told.created("hall", {"carol"}),
       told.message("room", "alice", "one"), told.message("room", "bob", "two"),
       told.joined("room", "alice", "carol"), told.left("room", "alice", "bob"),
       told.message("room", "alice", "edited", {}, {user_id{"carol"}}),
       told.edited("room", "alice", 6, "better", {}, {{user_id{"carol"}}, false}),
       told.reacted("room", "carol", "alice", 6, "+1"), told.message("room", "alice", "erased"),
       told.erased("room", "alice", 9), told.kept("room", "carol", {{}, {}, true, {}}),
       told.hidden("room", "carol", "alice", 6), told.pinned("room", "carol", "alice", 6),
       told.restricted("room", "alice", {user_id{"mallory"}, limits::for_good, 0})});
  data.write({{told.message("hall", "carol", "three"), told.seen("alice"), told.seen("alice"),
               told.message("hall", "carol", "four", {}, {}, 60), told.blocked("alice", "bob"),
               told.notified("hall", {{user_id{"carol"}, 1, 0, false}}),
               told.invited("room", "alice", "dave"),
               told.of_book(record_kind::profiled, "carol",
                            {{}, {}, {}, {}, user_profile{"Carol", "", "", timestamp{24h}}})}});
  data.close();
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

TEST_CASE("a good store has no problems and is counted") {
  store_of_test data;
  fill(data);
  const auto found = check_of(data.path());
  INFO(found.text);
  CHECK(found.problems == 0);
  CHECK(found.text.find("2 conversations, 16 events, 8 idempotency keys, 4 memberships, "
                        "3 members' unread counts, 16 batches") != std::string::npos);
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

using path = std::filesystem::path;

struct fault {
  const char* what;
  std::function<void(const path&)> plant;
  const char* expected;
};

const std::string expiry_at = [] {
  story told; // as in `fill`, where it is the nineteenth thing that is told
  for (int i = 0; i < 18; ++i)
    told.seen("alice");
  const auto there = told.message("hall", "carol", "four", {}, {}, 60);
  return expiry_key(there->expires_at, conversation_id{"hall"}, sequence{3});
}();
const std::string notice_at = membership_key(user_id{"carol"}, conversation_id{"hall"});
const std::string block_at = member_key(rules::id_of_pair(alice, user_id{"bob"}), alice);
const std::string event_at = event_key(room, sequence{2});
const user_id dave{"dave"}; // is invited
const std::string invitation_at = member_key(room, dave);
const std::string key_at = dedupe_key({room, alice, client_id{"room-2"}});
const std::string creation_key_at = dedupe_key({room, alice, client_id{"create-room"}});
const std::string member_at = member_key(room, alice);
const std::string membership_at = membership_key(alice, room);
const std::string edited_at = event_key(room, sequence{6});
const std::string edit_at = event_key(room, sequence{7});
const std::string erased_at = event_key(room, sequence{9});
const std::string reaction_at = reaction_key(room, sequence{6}, "+1", user_id{"carol"});
const std::string restricted_at = member_key(room, user_id{"mallory"});
const std::string pinned_at = event_key(room, sequence{6});
const std::string hidden_at = hidden_key(room, sequence{6}, user_id{"carol"});
const std::string kept_at = membership_key(user_id{"carol"}, room);
const std::string correction_at =
    correction_key(correction_prefix(room, correction::messages, {}), 1, 0);

std::vector<fault> flipped_bits() {
  struct place {
    const char* what;
    model_table table;
    std::string key;
  };
  const std::vector<place> places{{"an event", model_table::events, event_at},
                                  {"a key", model_table::dedupe, key_at},
                                  {"a member", model_table::members, member_at},
                                  {"a membership", model_table::memberships, membership_at},
                                  {"a conversation", model_table::conversations, "room"},
                                  {"a user", model_table::users, "alice"},
                                  {"a changed message", model_table::messages, edited_at},
                                  {"a reaction", model_table::reactions, reaction_at},
                                  {"a hidden message", model_table::hidden, hidden_at},
                                  {"a pin", model_table::pins, pinned_at},
                                  {"a ban", model_table::restrictions, restricted_at},
                                  {"an invitation", model_table::invitations, invitation_at},
                                  {"a profile", model_table::profiles, "carol"},
                                  {"a preference", model_table::preferences, kept_at},
                                  {"a correction", model_table::corrections, correction_at},
                                  {"the applied position", model_table::meta, meta::applied}};
  std::vector<fault> faults;
  for (const auto& each : places)
    faults.push_back({each.what, [each](const path& data) { spoil(data, each.table, each.key); },
                      "does not match its checksum"});
  return faults;
}

std::vector<fault> missing_rows() {
  const auto missing = [](const char* what, model_table table, std::string key,
                          const char* expected) {
    return fault{what, [=](const path& data) { uproot(data, table, key); }, expected};
  };
  return {
      missing("an event", model_table::events, event_at, "does not follow 1"),
      missing("a key", model_table::dedupe, key_at, "has no idempotency key"),
      missing("a member", model_table::members, member_at, "disagree"),
      missing("a membership", model_table::memberships, membership_at, "has no membership"),
      missing("a conversation", model_table::conversations, "room",
              "conversations \"room\" is missing"),
      missing("a user", model_table::users, "alice", "users \"alice\" is in the log but not"),
      missing("a changed message", model_table::messages, edited_at,
              "counts other changed messages"),
      missing("an erased message", model_table::messages, erased_at, "says less than a message"),
      missing("a reaction", model_table::reactions, reaction_at, "counts other reactions"),
      missing("a hidden message", model_table::hidden, hidden_at, "counts other hidden messages"),
      missing("what hid a message", model_table::hidden, hidden_at,
              "is in the log but not in the model"),
      missing("a correction", model_table::corrections, correction_at, "is missing"),
      missing("what is to go", model_table::expiries, expiry_at, "nothing says when"),
      missing("a block", model_table::pair_blocks, block_at, "has other rows than there are"),
      missing("a block in its list", model_table::blocked, blocked_key(alice, user_id{"bob"}),
              "is not in the list of who did it"),
      missing("an invitation", model_table::invitations, invitation_at,
              "has other rows than there are invitations"),
      missing("an invitation in its list", model_table::invited, membership_key(dave, room),
              "is not in the list of the user"),
      missing("a key of the log alone", model_table::dedupe, creation_key_at,
              "is in the log but not in the model")};
}

/// A row that says something else under a right checksum.
template <class Decode, class Change>
fault altered(const char* expected, model_table table, const std::string& key, Decode decode,
              Change change) {
  const auto plant_it = [=](const path& data) {
    const std::string value = row_of(data, table, key);
    auto row = must(decode(key, value));
    change(row);
    plant(data, table, key, encode_row(key, row));
  };
  return {expected, plant_it, expected};
}

template <class Change>
fault altered_conversation(const char* expected, Change change) {
  return altered(expected, model_table::conversations, "room", decode_conversation, change);
}
template <class Change>
fault altered_event(const char* expected, Change change) {
  return altered(expected, model_table::events, event_at, decode_event, change);
}
template <class Change>
fault altered_key(const char* expected, Change change) {
  return altered(expected, model_table::dedupe, key_at, decode_dedupe, change);
}
template <class Change>
fault altered_membership(const char* expected, Change change) {
  return altered(expected, model_table::memberships, membership_at, decode_membership, change);
}

std::vector<fault> rows_of_nothing() {
  return {
      {"is of no member",
       [](const path& data) {
         const std::string key = membership_key(user_id{"bob"}, room);
         plant(data, model_table::preferences, key, encode_row(key, preference_row{}));
       },
       "is of no member"},
      {"hides no message",
       [](const path& data) {
         const std::string key = hidden_key(room, sequence{1}, user_id{"carol"});
         plant(data, model_table::hidden, key, encode_hidden_row(key, position{1}));
       },
       "hides no message"},
      {"restricts nobody",
       [](const path& data) {
         plant(data, model_table::restrictions, restricted_at,
               encode_row(restricted_at, restriction{}));
       },
       "restricts nobody"},
      {"is of a member",
       [](const path& data) {
         const std::string key = member_key(room, user_id{"carol"});
         plant(data, model_table::invitations, key,
               encode_row(key, invitation{{}, role::member, alice, {}, sequence{13}}));
       },
       "is of a member"},
      {"names an event that invites nobody",
       [](const path& data) {
         plant(data, model_table::invitations, invitation_at,
               encode_row(invitation_at, invitation{{}, role::member, alice, {}, sequence{2}}));
       },
       "names an event that invites nobody"},
      {"pins no message",
       [](const path& data) {
         const std::string key = event_key(room, sequence{9}); // it was erased
         plant(data, model_table::pins, key,
               encode_row(key, pinned_message{{}, sequence{11}, alice, {}}));
       },
       "pins no message"},
      {"names an event that pinned something else",
       [](const path& data) {
         plant(data, model_table::pins, pinned_at,
               encode_row(pinned_at, pinned_message{{}, sequence{2}, alice, {}}));
       },
       "names an event that pinned something else"},
      {"names an event that is no reaction",
       [](const path& data) {
         plant(data, model_table::reactions, reaction_at,
               encode_reaction_row(reaction_at, sequence{2}));
       },
       "names an event that is no reaction"},
      {"holds a conversation that is not there",
       [](const path& data) {
         plant(data, model_table::holds, "nowhere", encode_row("nowhere", hold_row{alice, {}}));
       },
       "is of no conversation that is there"},
      {"counts what is gone where nothing is",
       [](const path& data) {
         const std::string value = row_of(data, model_table::conversations, "room");
         auto row = must(decode_conversation("room", value));
         row.kept_from = sequence{4};
         plant(data, model_table::conversations, "room", encode_row("room", row));
       },
       "is of an event that fell out"},
  };
}

std::vector<fault> notification_faults() {
  return {
      altered("tells of what was read", model_table::notices, notice_at, decode_notice,
              [](auto& row) { row.seq = sequence{1}; }),
      altered("tells of what was not said", model_table::notices, notice_at, decode_notice,
              [](auto& row) { row.seq = sequence{9}; }),
      {"tells of what is muted",
       [](const path& data) {
         preference_row row;
         row.kept.notify = notify_level::none;
         plant(data, model_table::preferences, notice_at, encode_row(notice_at, row));
       },
       "is of what its user has muted"},
      {"decides ahead",
       [](const path& data) {
         plant(data, model_table::meta, meta::decided,
               encode_meta(meta::decided, std::uint64_t{99}));
       },
       "is ahead of what was applied"},
      {"a notification of a stranger",
       [](const path& data) {
         const std::string key = membership_key(user_id{"dave"}, conversation_id{"hall"});
         plant(data, model_table::notices, key,
               encode_row(key, notice_row{sequence{3}, {}, false, false, {}}));
       },
       "is of no member"},
      {"settings without any",
       [](const path& data) {
         plant(data, model_table::tunings, "dave", encode_row("dave", tuning_row{}));
       },
       "sets nothing"},
      altered("is none that could be set", model_table::profiles, "carol", decode_profile,
              [](auto& row) { row.name.assign(limits::profile_name_bytes + 1, 'x'); }),
      altered("differs from what the log has", model_table::profiles, "carol", decode_profile,
              [](auto& row) { row.name = "Caroline"; }),
      {"a profile of nobody",
       [](const path& data) {
         plant(data, model_table::profiles, std::string(limits::id_bytes + 1, 'x'),
               encode_row(std::string(limits::id_bytes + 1, 'x'),
                          user_profile{"X", "", "", timestamp{1h}}));
       },
       "has a bad key"},
      {"a profile that is gone",
       [](const path& data) { uproot(data, model_table::profiles, "carol"); },
       "is in the log but not in the model"},
      {"a block that whom it is about has not",
       [](const path& data) {
         uproot(data, model_table::blocked_by, blocked_key(user_id{"bob"}, alice));
       },
       "is not in the list of whom it is about"},
      {"a block that nobody did",
       [](const path& data) {
         plant(data, model_table::blocked_by, blocked_key(alice, user_id{"zoe"}), "1");
       },
       "has other rows than there are blocks"},
  };
}

std::vector<fault> altered_rows() {
  return {
      altered_conversation("names another head", [](auto& row) { row.head = sequence{9}; }),
      altered_conversation("counts other messages",
                           [](auto& row) { row.messages = message_ordinal{9}; }),
      altered_conversation("counts other members", [](auto& row) { row.members = 9; }),
      altered_event("wrong message ordinal", [](auto& row) { row.ordinal = message_ordinal{9}; }),
      altered_event("position out of order", [](auto& row) { row.at = position{99}; }),
      altered_event("event of another place", [](auto& row) { row.event = "\x80"; }),
      altered_event("differs from what the log has", [](auto& row) { row.event = "\x80"; }),
      altered_key("leads elsewhere", [](auto& row) { row.seq = sequence{3}; }),
      altered_key("leads to an event that is missing", [](auto& row) { row.seq = sequence{99}; }),
      altered("joined elsewhere", model_table::members, member_at, decode_member,
              [](auto& row) { row.joined_seq = sequence{2}; }),
      altered_membership("which is another",
                         [](auto& row) { row.periods[0].joined = sequence{2}; }),
      altered_membership("periods out of order",
                         [](auto& row) { row.periods.push_back(row.periods[0]); }),
      altered("users \"alice\" differs from what the log has", model_table::users, "alice",
              decode_user, [](auto& row) { row.last_seen += std::chrono::seconds{1}; }),
      altered("before time began", model_table::users, "alice", decode_user,
              [](auto& row) { row.last_seen = timestamp{}; }),
      altered("names an edit that says something else", model_table::messages, edited_at,
              decode_message, [](auto& row) { row.body = "other"; }),
      altered("has a body that no edit gave it", model_table::messages, edited_at, decode_message,
              [](auto& row) { row.edits.clear(); }),
      altered("does not say what its event says", model_table::messages, edited_at, decode_message,
              [](auto& row) {
                row.erased = true;
                row.erased_in = sequence{8};
              }),
      altered("names an event that did not erase it", model_table::messages, erased_at,
              decode_message, [](auto& row) { row.erased_in = sequence{8}; }),
      altered("sees from a number it did not join at", model_table::members, member_at,
              decode_member, [](auto& row) { row.sees_from = sequence{3}; }),
      {"goes at another time",
       [](const path& data) {
         const std::string key = expiry_key(7, conversation_id{"hall"}, sequence{3});
         plant(data, model_table::expiries, key, "1");
       },
       "is of no message that goes then"},
      {"blocks somebody else",
       [](const path& data) {
         plant(data, model_table::pair_blocks, block_at,
               encode_pair_block(block_at, user_id{"carol"}));
       },
       "is not of these two users"},
      {"another correction",
       [](const path& data) {
         plant(data, model_table::corrections, correction_at, encode_correction(correction_at, 5));
       },
       "differs from what became of the messages"},
      altered("has rows that no message counts", model_table::messages, edited_at, decode_message,
              [](auto& row) { row.reactions.clear(); }),
      altered("does not say what became of its message", model_table::events, edit_at, decode_event,
              [](auto& row) {
                static const std::string gone =
                    encode_edit_tombstone(room, sequence{6}, {sequence{7}, alice, {}}).event;
                row.event = gone;
              }),
      {"a newer format",
       [](const path& data) {
         plant(data, model_table::meta, meta::format, encode_meta(meta::format, model_format + 1));
       },
       "newer version"},
  };
}

void each_is_named(const std::vector<fault>& faults) {
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

TEST_CASE("check names each flipped bit in the model") { each_is_named(flipped_bits()); }

TEST_CASE("check names each row that is missing from the model") { each_is_named(missing_rows()); }

TEST_CASE("check names each row of the model that contradicts another") {
  each_is_named(altered_rows());
  each_is_named(notification_faults());
  each_is_named(rows_of_nothing());
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
    change_log(data.path(), [](write_transaction& writing) { writing.erase(0, log_key(16)); });
    expected = "ends at 15, before what is applied";
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
      writing.put(0, log_key(16), encode_batch({{told.created("lost", {"alice"})}}));
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
  const auto found = check_of(data.path()); // each in the log, and as an event's
  CHECK(found.problems == 2 * 199);
  CHECK(std::count(found.text.begin(), found.text.end(), '\n') == 102);
}

} // namespace persistence_check_test

} // namespace parley::test
