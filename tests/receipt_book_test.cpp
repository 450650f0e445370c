// The cursors that a conversation is about to write, and what becomes of those that were lost.
#include "actors/receipt_book.hpp"

#include "tests/support/catch.hpp"

using namespace parley;

namespace receipt_book_test {

const user_id alice{"alice"};

receipt delivered(std::uint64_t seq) { return {sequence{seq}, sequence{1}, sequence{1}}; }
device_receipt of_device(const char* name, std::uint64_t seq) {
  return {device_id{name}, sequence{seq}, sequence{1}, {}};
}

/// A book in which alice's first move is under way as append 1, which everyone is to be told.
receipt_book with_one_under_way() {
  receipt_book book;
  book.learn(alice, {delivered(1)}, {});
  book.gather(alice, {delivered(3), of_device("phone", 3)});
  CHECK(book.take(append_number{1}).at(0).told == receipt_audience::everyone);
  return book;
}

TEST_CASE("a move behind one that may still fail is told to those who would have been told of it") {
  receipt_book book = with_one_under_way();
  book.gather(alice, {delivered(3), of_device("tablet", 2)}); // nobody else would hear of that
  CHECK(book.take(append_number{2}).at(0).told == receipt_audience::everyone);
  book.failed(append_number{1});
  book.committed(append_number{2});
  CHECK(book.gathered() == 0);
  CHECK_FALSE(book.is_settled(alice)); // of the phone nothing is on disk
  book.gather(alice, {delivered(3), of_device("phone", 3)});
  CHECK(book.take(append_number{3}).at(0).devices == std::vector{of_device("phone", 3)});
  book.committed(append_number{3});
  CHECK(book.is_settled(alice));
}

TEST_CASE("a device that has moved since does not go back to what was lost") {
  receipt_book book = with_one_under_way();
  book.gather(alice, {delivered(4), of_device("phone", 4)});
  book.take(append_number{2});
  book.failed(append_number{1});
  book.gather(alice, {delivered(4), {}});
  CHECK(book.take(append_number{3}).at(0).devices == std::vector{of_device("phone", 4)});
}

TEST_CASE("moves that were all lost are looked up again") {
  receipt_book book = with_one_under_way();
  book.gather(alice, {delivered(4), {}});
  book.take(append_number{2});
  book.failed(append_number{1});
  book.failed(append_number{2});
  CHECK(book.of(alice) == nullptr);
  CHECK(book.gathered() == 0);
}

TEST_CASE("a move that was lost alone is looked up again") {
  receipt_book book = with_one_under_way();
  book.failed(append_number{1});
  CHECK(book.of(alice) == nullptr);
  CHECK(book.gathered() == 0);
}

} // namespace receipt_book_test
