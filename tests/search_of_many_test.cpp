// Search by somebody who is in more conversations than the index is asked about one by one.
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/searched_store.hpp"

namespace parley::test {

namespace search_of_many_test {

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
  CHECK(must(data.ask("alice", what)).order == search_order::newest); // and it is said
  what.query = "-hay";
  CHECK(data.ask("alice", what).error().code == error_code::bad_request);
  what.query = "from:bob -hay";
  CHECK(must(data.ask("alice", what)).hits.size() == limits::search_conversations + 5);
}

} // namespace search_of_many_test

} // namespace parley::test
