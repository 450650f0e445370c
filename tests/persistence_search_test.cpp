// The search index: what is found, by whom, and that it is the same whichever way the index was
// made.
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "persistence/search/index_feed.hpp"
#include "persistence/search/index_file.hpp"
#include "persistence/search/reindex.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/searched_store.hpp"

namespace parley::test {

namespace persistence_search_test {

using lines = std::vector<std::string>;

/// Two rooms: alice and bob are in `room`, alice and carol in `den`.
std::vector<record_ptr> two_rooms(story& told) {
  return {told.created("room", {"alice", "bob"}),
          told.created("den", {"alice", "carol"}),
          told.message("room", "alice", "The quick brown fox"),
          told.message("den", "carol", "A quick question about foxes"),
          told.message("room", "bob", "see https://example.com/fox for more"),
          told.message("room", "alice", "我爱北京天安门"),
          told.message("den", "alice", "Überraschung für Zoë")};
}

TEST_CASE("words are found, newest first, by whoever may read them") {
  story told;
  searched_store data;
  data.write_and_feed(two_rooms(told));
  CHECK(data.found("alice", "quick") == "den/2 room/2");
  CHECK(data.found("bob", "quick") == "room/2");
  CHECK(data.found("carol", "QUICK") == "den/2");
  CHECK(data.found("mallory", "quick").empty());
  CHECK(data.found("alice", "quick fox") == "room/2");
  CHECK(data.found("alice", "\"quick brown\"") == "room/2");
  CHECK(data.found("alice", "\"brown quick\"").empty());
  CHECK(data.found("alice", "fox*") == "room/3 den/2 room/2");
  CHECK(data.found("alice", "fox -brown") == "room/3");
  CHECK(data.found("alice", "北京") == "room/4");
  CHECK(data.found("alice", "京北").empty());
  CHECK(data.found("alice", "uberraschung ZOE") == "den/3");
}

TEST_CASE("filters narrow what is found") {
  story told;
  searched_store data;
  data.write_and_feed(two_rooms(told));
  CHECK(data.found("alice", "quick from:carol") == "den/2");
  CHECK(data.found("alice", "from:nobody quick").empty());
  CHECK(data.found("alice", "in:room") == "room/4 room/3 room/2");
  CHECK(data.found("alice", "has:link") == "room/3");
  CHECK(data.found("alice", "-quick from:alice") == "den/3 room/4");
  CHECK(data.found("alice", "is:unread") == "room/3 den/2");
  CHECK(data.found("bob", "is:unread") == "room/4 room/2");
  CHECK(data.found("alice", "before:2023-11-14").empty());
  CHECK(data.found("alice", "quick after:2023-11-14 before:2023-11-15") == "den/2 room/2");
  CHECK(data.found("alice", "quick after:2023-11-15").empty());
  search_messages what;
  what.query = "quick";
  what.since = what.until = 1'700'000'000'004; // the fourth record's millisecond
  CHECK(searched_store::text_of(must(data.ask("alice", what))) == "den/2");
  what.conversation = conversation_id{"den"};
  CHECK(data.ask("bob", what).error().code == error_code::not_found);
  what.conversation = conversation_id{"nowhere"};
  CHECK(data.ask("bob", what).error().code == error_code::not_found);
}

TEST_CASE("edits, deletions, hiding, leaving and the end of a conversation count at once") {
  story told;
  searched_store data;
  data.write_and_feed(two_rooms(told));
  data.write_and_feed({told.edited("room", "alice", 2, "The slow brown fox")});
  CHECK(data.found("alice", "quick") == "den/2");
  CHECK(data.found("alice", "slow") == "room/2");
  data.write_and_feed({told.hidden("den", "alice", "carol", 2)});
  CHECK(data.found("alice", "quick").empty());
  CHECK(data.found("carol", "quick") == "den/2");
  data.write_and_feed({told.erased("room", "alice", 2, {5})});
  CHECK(data.found("bob", "slow").empty());
  CHECK(data.found("bob", "brown").empty());
  data.write_and_feed({told.left("room", "bob", "bob")});
  CHECK(data.found("bob", "fox").empty());
  CHECK(data.found("alice", "fox") == "room/3");
  data.write_and_feed({told.deleted("room", "alice")});
  CHECK(data.found("alice", "fox").empty());
}

TEST_CASE("reactions are looked up where they are") {
  story told;
  searched_store data;
  data.write_and_feed(two_rooms(told));
  CHECK(data.found("alice", "has:reaction").empty());
  data.write_and_feed({told.reacted("room", "bob", "alice", 2, "👍")});
  CHECK(data.found("alice", "has:reaction") == "room/2");
}

TEST_CASE("so are pins") {
  story told;
  searched_store data;
  data.write_and_feed(two_rooms(told));
  data.write_and_feed(
      {told.pinned("room", "bob", "alice", 2), told.pinned("room", "bob", "bob", 3)});
  CHECK(data.found("alice", "is:pinned") == "room/3 room/2");
  data.write_and_feed({told.pinned("room", "alice", "alice", 2, true)});
  CHECK(data.found("alice", "is:pinned") == "room/3");
}

TEST_CASE("a hit has a snippet with marks") {
  story told;
  searched_store data;
  data.write_and_feed(two_rooms(told));
  search_messages what;
  what.query = "zoe";
  const auto hits = must(data.ask("alice", what)).hits;
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].snippet == "Überraschung für Zoë");
  CHECK(hits[0].marks == std::vector<std::pair<std::size_t, std::size_t>>{{17, 3}});
  CHECK(hits[0].from == user_id{"alice"});
  CHECK(to_wire(hits[0].at) == 1'700'000'000'007);
}

TEST_CASE("pages go on where the last one ended, in either order") {
  story told;
  searched_store data;
  std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
  for (int i = 0; i < 30; ++i)
    records.push_back(told.message("room", "alice", i % 2 == 0 ? "tick" : "tick tick tock"));
  data.write_and_feed(records);
  for (const auto order : {search_order::newest, search_order::relevance}) {
    search_messages what;
    what.query = "tick";
    what.limit = 7;
    what.order = order;
    std::vector<std::uint64_t> seen;
    for (;;) {
      const auto page = must(data.ask("bob", what));
      CHECK(page.hits.size() <= 7);
      for (const auto& each : page.hits)
        seen.push_back(each.seq.value());
      if (!page.cursor)
        break;
      what.cursor = page.cursor;
    }
    CHECK(std::set<std::uint64_t>(seen.begin(), seen.end()).size() == 30);
    CHECK(seen.size() == 30);
    if (order == search_order::newest)
      CHECK(std::is_sorted(seen.rbegin(), seen.rend()));
  }
  search_messages what;
  what.query = "tick";
  for (const auto* cursor : {"x", "", "1", "-1", "1-1", "1-", "-", "99999999999999999999999"})
    for (const auto order : {search_order::newest, search_order::relevance}) {
      what.cursor = cursor;
      what.order = order;
      CHECK(data.ask("bob", what).error().code == error_code::bad_request);
    }
}

TEST_CASE("by relevance, what is rarer and says it more often comes first") {
  story told;
  searched_store data;
  data.write_and_feed(
      {told.created("room", {"alice", "bob"}), told.message("room", "alice", "cats cats cats"),
       told.message("room", "alice", "a long sentence in which cats are named once"),
       told.message("room", "alice", "dogs")});
  CHECK(data.found("alice", "cats", search_order::relevance) == "room/2 room/3");
  search_messages what;
  what.query = "cats";
  CHECK(must(data.ask("alice", what)).order == search_order::newest);
  what.order = search_order::relevance;
  CHECK(must(data.ask("alice", what)).order == search_order::relevance);
  CHECK(data.found("alice", "cats") == "room/3 room/2");
}

TEST_CASE("by relevance, the rarer of two words counts for more") {
  story told;
  searched_store data;
  std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
  for (int i = 0; i < 50; ++i)
    records.push_back(told.message("room", "alice", "common"));
  records.push_back(told.message("room", "alice", "rare common rare")); // 52
  records.push_back(told.message("room", "alice", "common rare common"));
  records.push_back(told.message("room", "alice", "common rarely common"));
  data.write_and_feed(records);
  CHECK(data.found("alice", "common rare", search_order::relevance) == "room/52 room/53");
  CHECK(data.found("alice", "rare common", search_order::relevance) == "room/52 room/53");
  CHECK(data.found("alice", "common rar*", search_order::relevance) ==
        "room/52 room/54 room/53"); // 54 is as good as 53, and newer
  CHECK(data.found("alice", "\"common rare\" -rarely", search_order::relevance) ==
        "room/53 room/52");
}

TEST_CASE("a message with files is found by that, whatever becomes of its body") {
  story told;
  searched_store data;
  auto records = two_rooms(told);
  records.push_back(told.uploaded("alice", story::file('1')));
  records.push_back(told.with_files("room", "alice", {story::file('1')}));
  records.push_back(told.with_files("room", "alice", {story::file('1')}));
  records.push_back(told.edited("room", "alice", 6, "a fox at last"));
  data.write_and_feed(records);
  CHECK(data.found("alice", "has:file") == "room/6 room/5");
  CHECK(data.found("alice", "has:file fox") == "room/6");
  data.write_and_feed({told.erased("room", "alice", 6, {7})});
  CHECK(data.found("alice", "has:file") == "room/5");
}

TEST_CASE("an index made from the store finds what one that followed it does") {
  story told;
  searched_store data;
  auto records = two_rooms(told);
  records.push_back(told.uploaded("alice", story::file('1')));
  records.push_back(told.with_files("room", "alice", {story::file('1')}));
  records.push_back(told.edited("room", "alice", 2, "The slow brown fox"));
  records.push_back(told.erased("den", "carol", 2));
  records.push_back(told.created("gone", {"alice", "bob"}));
  records.push_back(told.message("gone", "alice", "fox in a lost room"));
  records.push_back(told.deleted("gone", "alice"));
  data.write_and_feed(records);
  const lines queries{"fox*",       "slow",     "quick", "in:room",
                      "from:alice", "has:link", "an*",   "has:file"};
  lines followed;
  for (const auto& each : queries)
    followed.push_back(data.found("alice", each));
  CHECK(followed[0] == "room/3 room/2");
  data.rebuild();
  lines rebuilt;
  for (const auto& each : queries)
    rebuilt.push_back(data.found("alice", each));
  CHECK(rebuilt == followed);
  CHECK(data.index().at() == data.log()->head());
}

TEST_CASE("an index that is behind catches up with what it missed") {
  story told;
  searched_store data;
  data.write_and_feed(two_rooms(told));
  data.write_each({told.edited("room", "alice", 2, "The slow brown fox"),
                   told.erased("den", "carol", 2), told.message("room", "bob", "fox again"),
                   told.deleted("den", "alice")});
  CHECK(data.found("alice", "quick") == "room/2"); // as the index knows, and the model allows
  data.catch_up();
  CHECK(data.found("alice", "quick").empty());
  CHECK(data.found("alice", "fox*") == "room/6 room/3 room/2");
  CHECK(data.index().at() == data.log()->head());
}

TEST_CASE("catching up that was cut off begins again and finds everything once") {
  story told;
  searched_store data;
  std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
  for (int i = 0; i < 1200; ++i)
    records.push_back(told.message("room", "alice", "word" + std::to_string(i % 3)));
  data.write({records});
  {
    index_catch_up work{data.index(), *data.model()};
    must(work.step()); // noted
    must(work.step()); // some taken in
  }
  data.close_index();
  CHECK(data.index().at() == position{});
  data.catch_up();
  std::size_t count = 0;
  search_messages what;
  what.query = "word1";
  what.limit = 100;
  for (;;) {
    const auto page = must(data.ask("bob", what));
    count += page.hits.size();
    if (!page.cursor)
      break;
    what.cursor = page.cursor;
  }
  CHECK(count == 400);
}

TEST_CASE("a store of any size is walked in portions") {
  story told;
  searched_store data;
  std::vector<record_ptr> records;
  for (std::size_t i = 0; i < limits::feed_steps / 2; ++i)
    records.push_back(told.created("room" + std::to_string(i), {"alice"}));
  records.push_back(told.created("zoo", {"alice"}));
  for (std::size_t i = 0; i < limits::feed_steps + 100; ++i)
    records.push_back(told.message("zoo", "alice", i % 1000 == 0 ? "seldom" : "often"));
  records.push_back(told.created("zzz", {"alice"}));
  records.push_back(told.message("zzz", "alice", "seldom"));
  data.write({records});
  data.catch_up();
  CHECK(data.found("alice", "seldom in:zzz") == "zzz/2");
  CHECK(data.found("alice", "seldom in:zoo") ==
        "zoo/5002 zoo/4002 zoo/3002 zoo/2002 zoo/1002 zoo/2");
}

TEST_CASE("a cursor is of one order, and says nothing of how many messages there are") {
  story told;
  searched_store data;
  std::vector<record_ptr> records{told.created("room", {"alice"})};
  for (int i = 0; i < 10; ++i)
    records.push_back(told.message("room", "alice", "tick"));
  data.write_and_feed(records);
  search_messages what;
  what.query = "tick";
  what.limit = 1;
  const auto newest = must(data.ask("alice", what)).cursor;
  what.order = search_order::relevance;
  const auto best = must(data.ask("alice", what)).cursor;
  REQUIRE(newest);
  REQUIRE(best);
  CHECK(newest->size() > 12);
  CHECK(best->size() > 24);
  what.cursor = newest;
  CHECK(data.ask("alice", what).error().code == error_code::bad_request);
  what.cursor = best;
  CHECK(must(data.ask("alice", what)).hits.front().seq == sequence{10});
  what.order = search_order::newest;
  CHECK(data.ask("alice", what).error().code == error_code::bad_request);
}

TEST_CASE("an index that is damaged, foreign or ahead is made anew") {
  story told;
  searched_store data;
  data.write_and_feed(two_rooms(told));
  data.close_index();
  SECTION("damaged") {
    std::ofstream{data.place() / "index.db", std::ios::trunc} << "this is no database at all";
  }
  SECTION("foreign") { must(search_index::open(data.place(), "another life", data.log()->head())); }
  SECTION("ahead") { must(search_index::open(data.place(), data.get().epoch(), position{3})); }
  CHECK(data.index().at() == position{});
  data.catch_up();
  CHECK(data.found("alice", "quick") == "den/2 room/2");
}

TEST_CASE("an index that was being written when the machine stopped is made anew") {
  story told;
  searched_store data;
  data.write_and_feed(two_rooms(told));
  const auto notes = [&data] {
    lines names;
    for (const auto& each : std::filesystem::directory_iterator{data.place()})
      if (each.path().filename().string().starts_with("unsynced-"))
        names.push_back(each.path().filename().string());
    return names;
  };
  CHECK(notes().size() == 1);
  data.close_index();
  CHECK(notes().empty()); // all of it is on disk
  CHECK(data.index().at() == position{7});
  data.close_index();
  SECTION("in this run of the machine") {
    data.index();
    const auto note = data.place() / notes().front();
    data.close_index();
    std::ofstream{note};
    CHECK(data.index().at() == position{7});
  }
  SECTION("in another") {
    std::ofstream{data.place() / "unsynced-00000000-0000-0000-0000-000000000000"};
    CHECK(data.index().at() == position{});
    CHECK(notes().size() == 1);
    data.catch_up();
    CHECK(data.found("alice", "quick") == "den/2 room/2");
  }
}

TEST_CASE("reindex makes the index of a store that nobody serves") {
  story told;
  searched_store data;
  data.write_each(two_rooms(told));
  CHECK(reindex(data.path()).error().code == error_code::unavailable); // in use
  data.close();
  CHECK(must(reindex(data.path())) == position{7});
  CHECK(must(reindex(data.path())) == position{7});
  data.open();
  CHECK(data.found("alice", "quick") == "den/2 room/2");
  CHECK(reindex(data.path() / "nowhere").error().code == error_code::not_found);
}

TEST_CASE("what was deleted leaves the index's file when it is made anew") {
  story told;
  searched_store data;
  const auto holds = [&data](const std::string& text) {
    for (const auto& each : std::filesystem::directory_iterator{data.place()}) {
      std::ifstream file{each.path(), std::ios::binary};
      const std::string all{std::istreambuf_iterator<char>{file}, {}};
      if (all.find(text) != std::string::npos)
        return true;
    }
    return false;
  };
  data.write_and_feed({told.created("room", {"alice", "bob"}),
                       told.message("room", "alice", "xylophonist"),
                       told.message("room", "alice", "other")});
  data.close_index();
  CHECK(holds("xylophonist"));
  data.write_and_feed({told.erased("room", "alice", 2)});
  CHECK(data.found("alice", "xylophonist").empty());
  data.rebuild();
  data.close_index();
  CHECK_FALSE(holds("xylophonist"));
}

TEST_CASE("what was edited away or deleted is in no row and no list of words") {
  story told;
  searched_store data;
  data.write_and_feed(
      {told.created("room", {"alice", "bob"}), told.message("room", "alice", "xylophonist"),
       told.message("room", "alice", "zitherist"), told.edited("room", "alice", 3, "harpist"),
       told.erased("room", "alice", 2)});
  auto file =
      must(sqlite_connection::open(index_file(data.place()), sqlite_connection::mode::read));
  const auto count = [&](const char* sql) { return must(must(file.prepare(sql)).number()); };
  CHECK(count("SELECT count(*) FROM messages") == 1);
  CHECK(count("SELECT count(*) FROM messages WHERE body = 'harpist'") == 1);
  CHECK(count("SELECT count(*) FROM words WHERE words MATCH 'harpist'") == 1);
  CHECK(count("SELECT count(*) FROM words WHERE words MATCH 'zitherist OR xylophonist'") == 0);
}

TEST_CASE("what is left of a deleted conversation goes by and by") {
  story told;
  searched_store data;
  std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
  for (int i = 0; i < 500; ++i)
    records.push_back(told.message("room", "alice", "word"));
  records.push_back(told.deleted("room", "alice"));
  data.write_and_feed(records);
  std::size_t portions = 0;
  while (must(data.index().purge_some()))
    ++portions;
  CHECK(portions == 4); // 200, 200, 100 and the conversation itself
  CHECK_FALSE(must(data.index().purge_some()));
}

} // namespace persistence_search_test

} // namespace parley::test
