// The largest conversations: all are looked at, by what is asked for, in portions.
#include "persistence/largest_conversations.hpp"

#include <string>
#include <vector>

#include "actors/limits_of_requests.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_of_test.hpp"
#include "tests/support/story.hpp"

namespace parley::test {

namespace largest_conversations_test {

std::vector<std::string> ids_of(const std::vector<sized_conversation>& all) {
  std::vector<std::string> ids;
  for (const auto& each : all)
    ids.push_back(each.conversation.str());
  return ids;
}

std::vector<sized_conversation> largest(store_of_test& data, conversation_measure by,
                                        std::size_t most, std::uint64_t conversations) {
  largest_conversations work{by, most};
  for (bool more = true; more;) {
    auto view = must(data.model()->tables()->read());
    more = must(work.go_on(row_reader{view}));
  }
  CHECK(work.seen() == conversations);
  return work.take();
}

TEST_CASE("the largest come first, by messages, members or events") {
  store_of_test data;
  story told;
  data.write_each({told.created("small", {"alice"}), told.created("crowd", {"a", "b", "c", "d"}),
                   told.created("talk", {"alice", "bob"}), told.created("same", {"alice"})});
  data.write_each({told.message("talk", "alice", "one"), told.message("talk", "alice", "two"),
                   told.message("small", "alice", "one"), told.message("same", "alice", "one"),
                   told.joined("crowd", "a", "e"), told.joined("crowd", "a", "f")});
  const auto talked = largest(data, conversation_measure::messages, 3, 4);
  CHECK(ids_of(talked) == std::vector<std::string>{"talk", "same", "small"});
  CHECK(talked.front().messages == 2);
  CHECK(talked.front().members == 2);
  CHECK(talked.front().events == 3);
  CHECK(talked.front().title == "about talk");
  const auto crowded = largest(data, conversation_measure::members, 1, 4);
  CHECK(ids_of(crowded) == std::vector<std::string>{"crowd"});
  CHECK(crowded.front().members == 6);
  CHECK(ids_of(largest(data, conversation_measure::events, 2, 4)) ==
        std::vector<std::string>{"crowd", "talk"});
}

TEST_CASE("all are seen, however many there are") {
  constexpr std::size_t count = limits::conversations_measured_at_once + 3;
  store_of_test data;
  story told;
  std::vector<record_ptr> made;
  for (std::size_t i = 0; i < count; ++i)
    made.push_back(told.created("room-" + std::to_string(i), {"alice"}));
  data.write({made});
  data.write_each({told.message("room-77", "alice", "one")});
  CHECK(ids_of(largest(data, conversation_measure::messages, 1, count)) ==
        std::vector<std::string>{"room-77"});
}

TEST_CASE("measures have names") {
  CHECK(parse_measure("members") == conversation_measure::members);
  CHECK_FALSE(parse_measure("size").has_value());
}

} // namespace largest_conversations_test

} // namespace parley::test
