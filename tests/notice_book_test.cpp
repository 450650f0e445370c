// Which conversations are looked at for members who have not read, and when.
#include "actors/notice_book.hpp"

#include "actors/limits_of_notices.hpp"
#include "tests/support/catch.hpp"

using namespace parley;
using namespace std::chrono_literals;

namespace notice_book_test {

conversation_id named(const std::string& name) { return conversation_id{name}; }
instant after(std::chrono::seconds time) { return instant{} + time; }

TEST_CASE("a conversation is due by its first message, and looked at up to its last") {
  notice_book book;
  book.note(named("a"), sequence{2}, position{10}, after(10s));
  book.note(named("b"), sequence{7}, position{11}, after(11s));
  book.note(named("a"), sequence{5}, position{12}, after(19s));
  CHECK(book.next_due() == after(10s));
  CHECK_FALSE(book.take(after(9s)));
  const auto first = book.take(after(10s));
  REQUIRE(first);
  CHECK(first->conversation == named("a"));
  CHECK(first->last == sequence{5});
  CHECK(first->first == position{10});
  CHECK(first->newest == position{12});
  CHECK_FALSE(book.take(after(10s)));
  CHECK(book.next_due() == after(11s));
}

TEST_CASE("a message after the look makes another one") {
  notice_book book;
  book.note(named("a"), sequence{2}, position{10}, after(10s));
  CHECK(book.take(after(10s)));
  CHECK(book.empty());
  CHECK_FALSE(book.next_due());
  book.note(named("a"), sequence{3}, position{20}, after(20s));
  CHECK(book.take(after(20s))->last == sequence{3});
}

TEST_CASE("the oldest batch of which something is left is known") {
  notice_book book;
  CHECK_FALSE(book.oldest());
  book.note(named("b"), sequence{7}, position{11}, after(11s));
  book.note(named("a"), sequence{2}, position{10}, after(12s)); // read from the store, out of order
  CHECK(book.oldest() == position{10});
  book.note(named("b"), sequence{6}, position{9}, after(13s));
  CHECK(book.oldest() == position{9});
  CHECK(book.take(after(12s))->last == sequence{7}); // b
  CHECK(book.oldest() == position{10});
}

TEST_CASE("the book has a bound") {
  notice_book book;
  for (std::size_t i = 0; i < limits::noticed_conversations; ++i) {
    CHECK_FALSE(book.is_full());
    book.note(named(std::to_string(i)), sequence{2}, position{i + 1}, after(1s));
  }
  CHECK(book.is_full());
}

} // namespace notice_book_test
