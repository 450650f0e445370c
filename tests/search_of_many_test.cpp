// Search by somebody who is in more conversations than the index is asked about one by one.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/searched_store.hpp"

namespace parley::test {

namespace search_of_many_test {

constexpr std::size_t many = limits::search_conversations + 5;

std::string room(std::size_t number) { return "room" + std::to_string(number); }

/// Alice and Bob are in very many rooms. In each he says something with the word, in some twice;
/// in `other`, where she is not, three times.
std::vector<record_ptr> many_rooms(story& told) {
  std::vector<record_ptr> records{told.created("other", {"bob", "carol"}),
                                  told.message("other", "bob", "needle needle needle")};
  for (std::size_t i = 0; i < many; ++i) {
    records.push_back(told.created(room(i), {"alice", "bob"}));
    records.push_back(
        told.message(room(i), "bob", i % 10 == 3 ? "needle needle" : "a needle in much more hay"));
  }
  return records;
}

/// "room/2 room/2": page by page. `between` is called behind each.
template <class Between>
std::string all_pages(searched_store& data, search_messages what, Between between) {
  std::string text;
  for (;;) {
    const auto page = must(data.ask("alice", what));
    text += (text.empty() ? "" : " ") + searched_store::text_of(page);
    if (!page.cursor)
      return text;
    what.cursor = page.cursor;
    between();
  }
}

search_messages best(std::size_t limit) {
  search_messages what;
  what.query = "needle";
  what.order = search_order::relevance;
  what.limit = limit;
  return what;
}

/// Those who say it twice, then the others, the newest first; without what `gone` is in.
std::string best_first(const std::string& gone = {}) {
  std::string text;
  for (const bool twice : {true, false})
    for (std::size_t i = many; i-- > 0;)
      if ((i % 10 == 3) == twice && room(i) != gone)
        text += (text.empty() ? "" : " ") + room(i) + "/2";
  return text;
}

/// The index is told of messages in a conversation that nobody is in.
void put_elsewhere(searched_store& data, std::size_t count) {
  for (std::size_t i = 1; i <= count; ++i)
    must(data.index().put({conversation_id{"elsewhere"}, sequence{i}, user_id{"bob"},
                           timestamp{std::chrono::milliseconds{1'700'000'000'000}}, "needle"}));
  must(data.index().commit(data.index().at()));
}

TEST_CASE("someone in very many conversations gets the best first, of their own") {
  story told;
  searched_store data;
  data.write_and_feed(many_rooms(told));
  const auto found = must(data.ask("alice", best(100)));
  CHECK(found.order == search_order::relevance);
  CHECK_FALSE(found.cursor);
  CHECK(searched_store::text_of(found) == best_first());
  CHECK(data.found("carol", "needle", search_order::relevance) == "other/2");
  CHECK(data.found("mallory", "needle", search_order::relevance).empty());
}

TEST_CASE("pages of the best go on where the last one ended, whatever is said meanwhile") {
  story told;
  searched_store data;
  data.write_and_feed(many_rooms(told));
  CHECK(all_pages(data, best(7), [] {}) == best_first());
  CHECK(all_pages(data, best(7), [&] {
          data.write_and_feed({told.message(room(0), "bob", "needle needle needle needle")});
        }) == best_first());
}

TEST_CASE("pages of the best pass over nothing when a hit is deleted between them") {
  const auto with_deleted = [](std::size_t which) {
    story told;
    searched_store data;
    data.write_and_feed(many_rooms(told));
    bool done = false;
    return all_pages(data, best(7), [&] {
      if (!std::exchange(done, true))
        data.write_and_feed({told.erased(room(which), "bob", 2)});
    });
  };
  CHECK(with_deleted(63) == best_first()); // the first page's first
  CHECK(with_deleted(3) == best_first());  // its last
  CHECK(with_deleted(0) == best_first(room(0)));
}

TEST_CASE("where others' matches use up what may be looked at, hits come newest first") {
  story told;
  searched_store data;
  data.write_and_feed(many_rooms(told));
  put_elsewhere(data, limits::search_steps / 2 - many - 1); // all may be looked at
  CHECK(must(data.ask("alice", best(100))).order == search_order::relevance);
  put_elsewhere(data, limits::search_steps + 1);
  auto what = best(100);
  const auto none = must(data.ask("alice", what));
  CHECK(none.order == search_order::newest);
  CHECK(none.hits.empty());
  REQUIRE(none.cursor);
  what.cursor = none.cursor;
  const auto rest = must(data.ask("alice", what));
  CHECK(rest.order == search_order::newest);
  CHECK(rest.hits.size() == many);
  CHECK(rest.hits.front().conversation == conversation_id{room(many - 1)});
  what.order = search_order::newest;
  CHECK(data.ask("alice", what).error().code == error_code::bad_request); // of another order
  what = best(100);
  what.conversation = conversation_id{room(3)};
  CHECK(must(data.ask("alice", what)).order == search_order::relevance);
}

TEST_CASE("someone in very many conversations finds in all of them, and only there") {
  story told;
  searched_store data;
  std::vector<record_ptr> records;
  for (std::size_t i = 0; i < limits::search_conversations + 5; ++i) {
    const std::string name = "room" + std::to_string(i);
    records.push_back(told.created(name, {"alice", "bob"}));
    records.push_back(told.message(name, "bob", "needle"));
  }
  records.push_back(told.created("other", {"bob", "carol"}));
  records.push_back(told.message("other", "bob", "needle"));
  data.write_and_feed(records);
  search_messages what;
  what.query = "needle";
  what.limit = 100;
  CHECK(must(data.ask("alice", what)).hits.size() == limits::search_conversations + 5);
  CHECK(must(data.ask("bob", what)).hits.size() == limits::search_conversations + 6);
  CHECK(data.found("carol", "needle") == "other/2");
  what.order = search_order::relevance;
  CHECK(must(data.ask("alice", what)).hits.size() == limits::search_conversations + 5);
  CHECK(must(data.ask("alice", what)).order == search_order::relevance);
  what.query = "-hay";
  CHECK(data.ask("alice", what).error().code == error_code::bad_request);
  what.query = "from:bob -hay";
  CHECK(must(data.ask("alice", what)).hits.size() == limits::search_conversations + 5);
}

} // namespace search_of_many_test

} // namespace parley::test
