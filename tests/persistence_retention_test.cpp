// The rows of what fell out go bit by bit, and what counts them stays exact all the while.
#include <string>
#include <vector>

#include "actors/limits_retention.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/search/index_feed.hpp"
#include "persistence/search/reindex.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/cold_scene.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_retention_test {

const conversation_id room{"room"};
const user_id alice{"alice"};
const user_id bob{"bob"};

void expect_sound(store_of_test& data) {
  data.close();
  CHECK(problems_of(data.path()) == "");
  data.open();
}

listed_conversation item_of(store_of_test& data, const user_id& user) {
  return must(data.model()->list(user, {}, {})).items.front();
}

/// Purges all there is, and gives in how many transactions; the store is sound after each.
std::size_t purge_all(store_of_test& data, bool checks) {
  std::size_t transactions = 0;
  for (; data.model()->has_condemned(); ++transactions) {
    must(data.model()->purge_some());
    if (checks)
      expect_sound(data);
  }
  return transactions;
}

/// A room in which much becomes of each of the messages 3 to 3 + 5 * `rounds`.
struct busy_room {
  store_of_test data;
  story told;
  explicit busy_room(std::uint64_t rounds) {
    std::vector<record_ptr> all{told.created("room", {"alice", "bob"}),
                                told.joined("room", "alice", "carol")};
    std::uint64_t seq = 2;
    for (std::uint64_t i = 0; i < rounds; ++i) {
      const std::uint64_t message = seq + 1;
      all.push_back(told.message("room", "alice", "secret", {}, {bob}));
      all.push_back(
          told.edited("room", "alice", message, "secret too", {user_id{"carol"}}, {{bob}, false}));
      all.push_back(told.reacted("room", "bob", "alice", message, "+1"));
      all.push_back(told.reacted("room", "carol", "alice", message, "+1"));
      all.push_back(told.hidden("room", "carol", "alice", message, {{user_id{"carol"}}, false}));
      all.push_back(told.message("room", "bob", "erased", {}, {user_id{"@all"}}));
      all.push_back(told.erased("room", "bob", message + 4, {}, {{}, true}));
      all.push_back(told.message("room", "bob", "soon", {}, {}, 60));
      all.push_back(told.pinned("room", "alice", "bob", message + 6));
      seq += 8;
    }
    data.write_each(all);
  }
};

TEST_CASE("all that hangs on what fell out goes, in small transactions") {
  busy_room it{20}; // up to 162
  const listed_conversation before = item_of(it.data, bob);
  const auto left = must(it.data.model()->page(room, {sequence{115}, sequence{162}}, bob));
  it.data.write_each({it.told.trimmed("room", 115)}); // with the fifteenth round
  CHECK(it.data.model()->has_condemned());
  const listed_conversation cut = item_of(it.data, bob);
  CHECK(cut.kept_from == sequence{115});
  CHECK(cut.unread < before.unread);
  expect_sound(it.data);
  const std::size_t transactions = purge_all(it.data, true);
  CHECK(transactions > 3); // none of them is large
  const auto model = it.data.model();
  CHECK(rows_in(*model, model_table::events) == 48);
  CHECK(rows_in(*model, model_table::messages) == 12); // edited and erased
  CHECK(rows_in(*model, model_table::reactions) == 12);
  CHECK(rows_in(*model, model_table::hidden) == 6);
  CHECK(rows_in(*model, model_table::pins) == 6);
  CHECK(rows_in(*model, model_table::expiries) == 6);
  CHECK(rows_in(*model, model_table::dedupe) == 61); // those of retries stay
  const listed_conversation after = item_of(it.data, bob);
  CHECK(after.unread == cut.unread);
  CHECK(after.mentions == cut.mentions);
  const auto same = must(model->page(room, {sequence{1}, sequence{162}}, bob));
  REQUIRE(same.events.size() == left.events.size());
  for (std::size_t i = 0; i < same.events.size(); ++i)
    CHECK(same.events[i].bytes == left.events[i].bytes);
}

TEST_CASE("events in segments fall out like others") {
  for (const std::uint64_t floor : {3, 100, 129, 130, 257, 322}) {
    CAPTURE(floor);
    busy_room plain{40}; // up to 322
    busy_room cold{40};
    cool(*cold.data.model());
    REQUIRE(rows_in(*cold.data.model(), model_table::cold) > 1);
    for (busy_room* each : {&plain, &cold}) {
      each->data.write_each({each->told.trimmed("room", floor)});
      purge_all(each->data, true);
    }
    auto model = cold.data.model();
    const auto of_plain = must(plain.data.model()->page(room, {sequence{1}, sequence{322}}, bob));
    const auto of_cold = must(model->page(room, {sequence{1}, sequence{322}}, bob));
    REQUIRE(of_cold.events.size() == of_plain.events.size());
    for (std::size_t i = 0; i < of_cold.events.size(); ++i)
      CHECK(of_cold.events[i].bytes == of_plain.events[i].bytes);
    for (const auto& user : {alice, bob}) {
      CHECK(item_of(cold.data, user).unread == item_of(plain.data, user).unread);
      CHECK(item_of(cold.data, user).mentions == item_of(plain.data, user).mentions);
    }
    CHECK(rows_in(*model, model_table::events) + 128 * rows_in(*model, model_table::cold) >=
          rows_in(*plain.data.model(), model_table::events));
    cool(*model); // what is left may be packed again
    model.reset();
    expect_sound(cold.data);
  }
}

/// A room whose second event, a message, is edited every thirty events up to the end.
struct edited_room {
  store_of_test data;
  story told;
  explicit edited_room() {
    std::vector<record_ptr> all{told.created("room", {"alice", "bob"}),
                                told.message("room", "alice", "first words")};
    while (all.size() < 300)
      all.push_back(all.size() % 30 == 29 ? told.edited("room", "alice", 2, "later words")
                                          : told.message("room", "bob", "x"));
    data.write_each(all);
  }

  /// Events that say the edited words.
  std::size_t saying() {
    std::size_t found = 0;
    for (std::uint64_t first = 1; first <= 300; first += 100)
      for (const auto& each :
           must(data.model()->page(room, {sequence{first}, sequence{first + 99}}, bob)).events)
        found += each.bytes.find("later words") != std::string::npos ? 1 : 0;
    return found;
  }
};

TEST_CASE("an edit that stays loses what it said when its message falls out") {
  for (const bool cold : {false, true}) {
    CAPTURE(cold);
    edited_room it;
    if (cold)
      cool(*it.data.model());
    REQUIRE((rows_in(*it.data.model(), model_table::cold) > 1) == cold);
    CHECK(it.saying() == 11); // the message itself, too, as it is now
    it.data.write_each({it.told.trimmed("room", 3)});
    purge_all(it.data, true);
    CHECK(it.saying() == 0);
    CHECK(unpacked(*it.data.model()).find("later words") == std::string::npos);
    expect_sound(it.data); // each is where it was
  }
}

TEST_CASE("an edit that says what fell out is found") {
  edited_room it;
  const std::string key = event_key(room, sequence{30});
  it.data.close();
  const std::string before = row_of(it.data.path(), model_table::events, key);
  it.data.open();
  it.data.write_each({it.told.trimmed("room", 3)});
  purge_all(it.data, false);
  it.data.close();
  plant(it.data.path(), model_table::events, key, before);
  CHECK(problems_of(it.data.path()).find("says what fell out") != std::string::npos);
  it.data.open();
}

TEST_CASE("unread behind a cursor below the floor, at it and above it") {
  store_of_test data;
  story told;
  std::vector<record_ptr> all{told.created("room", {"alice", "bob"})};
  for (int i = 0; i < 20; ++i) // 2 to 21, every other one bob's own
    all.push_back(told.message("room", i % 2 ? "bob" : "alice", "x", {}, {i % 2 ? alice : bob}));
  data.write_each(all);
  for (const std::uint64_t read : {1, 4, 9, 10, 11, 15, 21}) {
    CAPTURE(read);
    data.write_each(
        {told.receipts("room", {{bob, {sequence{21}, sequence{read}, sequence{read}}}})});
    const std::uint64_t from = std::max<std::uint64_t>(read + 1, 2);
    std::uint64_t expected = 0;
    for (std::uint64_t seq = from; seq <= 21; ++seq)
      expected += seq % 2 == 0 ? 1 : 0;
    CHECK(item_of(data, bob).unread == expected);
    CHECK(item_of(data, bob).mentions == expected);
  }
  data.write_each({told.trimmed("room", 11)});
  for (const bool purged : {false, true}) {
    for (const std::uint64_t read : {1, 4, 9, 10, 11, 15, 21, 1}) {
      CAPTURE(read, purged);
      data.write_each(
          {told.receipts("room", {{bob, {sequence{21}, sequence{read}, sequence{read}}}})});
      std::uint64_t expected = 0;
      for (std::uint64_t seq = std::max<std::uint64_t>(read + 1, 11); seq <= 21; ++seq)
        expected += seq % 2 == 0 ? 1 : 0;
      CHECK(item_of(data, bob).unread == expected);
      CHECK(item_of(data, bob).mentions == expected);
      CHECK(must(data.model()->totals(bob, {})).at_hand.unread == expected);
    }
    expect_sound(data);
    purge_all(data, false);
    expect_sound(data);
  }
}

TEST_CASE("everything may fall out, and a conversation goes on where it was") {
  busy_room it{2}; // up to 18
  it.data.write_each({it.told.trimmed("room", 19)});
  expect_sound(it.data);
  CHECK(item_of(it.data, bob).unread == 0);
  CHECK(item_of(it.data, bob).last_message.empty());
  purge_all(it.data, true);
  CHECK(rows_in(*it.data.model(), model_table::events) == 0);
  it.data.write_each({it.told.message("room", "alice", "new", {}, {bob}),
                      it.told.joined("room", "alice", "dave")});
  expect_sound(it.data);
  CHECK(item_of(it.data, bob).unread == 1);
  CHECK(item_of(it.data, bob).mentions == 1);
  CHECK(item_of(it.data, user_id{"dave"}).unread == 0);
  it.data.write_each({it.told.trimmed("room", 20)});
  purge_all(it.data, true);
  CHECK(item_of(it.data, bob).unread == 0);
  CHECK(must(it.data.model()->snapshot(room)).tail.size() == 1);
}

TEST_CASE("what falls out in the transaction that brings it is counted, too") {
  store_of_test data;
  story told;
  data.write({{told.created("room", {"alice", "bob"}), told.message("room", "alice", "a"),
               told.message("room", "bob", "b"), told.message("room", "alice", "c"),
               told.receipts("room", {{bob, {sequence{3}, sequence{3}, sequence{3}}}}),
               told.trimmed("room", 3), told.message("room", "alice", "d"),
               told.receipts("room", {{bob, {sequence{4}, sequence{1}, sequence{1}}}}),
               told.trimmed("room", 4)}});
  CHECK(item_of(data, bob).unread == 2);
  expect_sound(data);
  purge_all(data, true);
  CHECK(item_of(data, bob).unread == 2);
}

TEST_CASE("a replay that finds rows gone already comes to the same model") {
  busy_room it{6};
  it.data.write_each({it.told.trimmed("room", 27)});
  purge_all(it.data, false);
  it.data.write_each({it.told.message("room", "alice", "more"), it.told.trimmed("room", 43)});
  must(it.data.model()->purge_some());
  expect_sound(it.data);
  purge_all(it.data, false);
  expect_sound(it.data);
}

TEST_CASE("files lose the messages that fell out") {
  store_of_test data;
  story told;
  const auto one = story::file('1');
  const auto two = story::file('2');
  data.write_each({told.created("room", {"alice", "bob"}), told.uploaded("alice", one),
                   told.uploaded("alice", two), told.with_files("room", "alice", {one, two}),
                   told.with_files("room", "alice", {two}), told.trimmed("room", 3)});
  const timestamp now{std::chrono::milliseconds{1'700'000'000'000}};
  CHECK_FALSE(data.model()->file_for(one.file, bob, now));
  CHECK(data.model()->file_for(two.file, bob, now));
  purge_all(data, false);
  CHECK(must(data.model()->unused(now + std::chrono::hours{48})).items ==
        std::vector<file_id>{one.file});
  CHECK(data.model()->file_for(two.file, bob, now));
}

TEST_CASE("which events are to go is found by count and by age, but not of what is held") {
  store_of_test data;
  story told;
  std::vector<record_ptr> all{told.created("room", {"alice"}), told.created("hall", {"alice"})};
  for (int i = 0; i < 10; ++i)
    all.push_back(told.message("room", "alice", "x"));
  all.push_back(told.changed("hall", "alice", {{}, {}, {}, {}, {}, {}, retention_bounds{0, 2}}));
  for (int i = 0; i < 5; ++i)
    all.push_back(told.message("hall", "alice", "x")); // 3 to 7
  data.write_each(all);
  const timestamp begin{std::chrono::milliseconds{1'700'000'000'000}};
  using std::chrono::hours;
  const auto found = [&](retention_question asked) {
    std::vector<std::pair<std::string, std::uint64_t>> items;
    for (const auto& each : must(data.model()->trimmable(asked)).items)
      items.emplace_back(each.conversation.str(), each.kept_from.value());
    return items;
  };
  using items = std::vector<std::pair<std::string, std::uint64_t>>;
  CHECK(found({{}, begin}) == items{{"hall", 6}});
  CHECK(found({{0, 3}, begin}) == items{{"hall", 6}, {"room", 9}});
  CHECK(found({{0, 1}, begin, true, {room}}) == items{{"room", 11}});
  CHECK(found({{2, 0}, begin + hours{48}}) == items{{"hall", 6}});
  CHECK(found({{2, 0}, begin + hours{49}}) == items{{"hall", 8}, {"room", 12}});
  CHECK(found({{2, 0}, begin + hours{49}, false}) == items{{"hall", 6}});
  // The third message was the fifth thing that was told, and is five milliseconds old.
  CHECK(found({{2, 0}, begin + hours{48} + std::chrono::milliseconds{5}, true, {room}}) ==
        items{{"room", 5}});
  data.write_each({told.held("hall", "root")});
  CHECK(found({{0, 3}, begin}) == items{{"room", 9}});
  CHECK(must(data.model()->snapshot(conversation_id{"hall"})).held);
  data.write_each({told.held("hall", "root", false)});
  CHECK(found({{0, 3}, begin}) == items{{"hall", 6}, {"room", 9}});
  CHECK_FALSE(must(data.model()->snapshot(conversation_id{"hall"})).held);
}

TEST_CASE("a clock that went back makes no event old that others wait for") {
  store_of_test data;
  story early;
  // As one conversation: the second message was said by a clock that was a day ahead.
  std::vector<record_ptr> all{early.created("room", {"alice"}),
                              early.message("room", "alice", "x")};
  record ahead = *early.message("room", "alice", "y");
  ahead.at += std::chrono::hours{24};
  ahead.event =
      encode_message(ahead.seq, ahead.at, alice, send_message{room, ahead.key->client, "y"});
  all.push_back(std::make_shared<const record>(ahead));
  all.push_back(early.message("room", "alice", "z"));
  data.write_each(all);
  const timestamp begin{std::chrono::milliseconds{1'700'000'000'000}};
  const auto from = [&](std::chrono::hours later) {
    const auto found = must(data.model()->trimmable({{1, 0}, begin + later}));
    return found.items.empty() ? 0 : found.items.front().kept_from.value();
  };
  CHECK(from(std::chrono::hours{25}) == 3);
  CHECK(from(std::chrono::hours{49}) == 5);
}

/// How often the index finds a word, whatever the model says.
std::size_t indexed(store_of_test& data, const std::string& word) {
  auto reader = must(search_reader::open(search_directory(data.path()), 7));
  search_messages what;
  what.query = word;
  const auto terms = must(read_terms(what));
  index_question asked;
  asked.terms = &terms;
  asked.among = {room};
  asked.limit = 100;
  return must(reader->find(asked, [](const searchable_message&) { return true; })).items.size();
}

TEST_CASE("what fell out leaves the search index, whether it follows or catches up") {
  for (const bool follows : {true, false}) {
    CAPTURE(follows);
    store_of_test data;
    story told;
    std::vector<record_ptr> all{told.created("room", {"alice", "bob"})};
    for (int i = 0; i < 10; ++i)
      all.push_back(told.message("room", "alice", "needle")); // 2 to 11
    data.write_each(all);
    const auto index =
        must(search_index::open(search_directory(data.path()), data.get().epoch(), position{99}));
    const auto catch_up = [&] {
      const auto model = data.model();
      index_catch_up work{*index, *model};
      while (!must(work.step()))
        continue;
    };
    const auto purge = [&] {
      while (must(index->purge_some()))
        continue;
    };
    catch_up();
    CHECK(indexed(data, "needle") == 10);
    for (const std::uint64_t kept_from : {5, 9}) {
      const auto gone = told.trimmed("room", kept_from);
      data.write_each({gone});
      if (follows)
        must(feed(*index, std::vector{batch_at(data.log()->head().value(), {gone})}));
      else
        catch_up();
      purge();
      CHECK(indexed(data, "needle") == 12 - kept_from);
      CHECK_FALSE(index->may_have_forgotten());
    }
    data.write_each({told.message("room", "alice", "needle")});
    catch_up();
    purge();
    CHECK(indexed(data, "needle") == 4);
    data.write_each({told.deleted("room", "alice")});
    catch_up();
    purge();
    CHECK(indexed(data, "needle") == 0);
  }
}

TEST_CASE("check names what contradicts a trimmed conversation") {
  busy_room it{3};
  it.data.write_each({it.told.trimmed("room", 19), it.told.held("room", "root")});
  purge_all(it.data, false);
  const char* expected = nullptr;
  const auto alter = [&](auto change) {
    auto opened = raw_model(it.data.path());
    auto row = [&] {
      auto reading = opened->read();
      return must(decode_conversation(
          "room", must(reading->get(index_of(model_table::conversations), "room")).value()));
    }();
    opened.reset();
    change(row);
    plant(it.data.path(), model_table::conversations, "room", encode_row("room", row));
  };
  it.data.close();
  SECTION("an event that fell out") {
    const std::string key = event_key(room, sequence{4});
    plant(it.data.path(), model_table::events, key,
          encode_row(key, event_row{position{4}, record_kind::changed, {}, "\x80"}));
    expected = "is of an event that fell out";
  }
  SECTION("a pin that fell out") {
    const std::string key = event_key(room, sequence{4});
    plant(it.data.path(), model_table::pins, key,
          encode_row(key, pinned_message{{}, sequence{5}, alice, {}}));
    expected = "is of an event that fell out";
  }
  SECTION("another floor") {
    alter([](conversation_row& row) { row.kept_from = sequence{21}; });
    expected = "lost other messages";
  }
  SECTION("a floor beyond the end") {
    alter([](conversation_row& row) { row.kept_from = sequence{99}; });
    expected = "lost more than there was";
  }
  SECTION("another count of what is gone") {
    alter([](conversation_row& row) { row.gone = message_ordinal{1}; });
    expected = "lost other messages than their authors";
  }
  SECTION("a list that forgot how many are gone") {
    uproot(it.data.path(), model_table::tallies,
           tally_key(tally_prefix(room, tally::own, alice), sequence{11}));
    expected = "does not follow the one before";
  }
  SECTION("a hold of nothing") {
    plant(it.data.path(), model_table::holds, "nowhere",
          encode_row("nowhere", hold_row{user_id{"root"}, {}}));
    expected = "is of no conversation that is there";
  }
  SECTION("a damaged hold") {
    spoil(it.data.path(), model_table::holds, "room");
    expected = "does not match its checksum";
  }
  const auto problems = problems_of(it.data.path());
  INFO(problems);
  CHECK(problems.find(expected) != std::string::npos);
}

} // namespace persistence_retention_test

} // namespace parley::test
