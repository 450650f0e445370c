// What is known of users' blocks and switches: believed until it may have changed.
#include "actors/dealings_book.hpp"

#include <string>

#include "actors/limits_people.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace dealings_book_test {

const user_id alice{"alice"};
const user_id bob{"bob"};

TEST_CASE("what was read stands until a block or a switch of the user may have changed") {
  membership_marks marks;
  dealings_book book;
  CHECK(book.of(alice, marks) == nullptr);
  CHECK(book.ask(alice));
  CHECK_FALSE(book.ask(alice)); // is being read
  CHECK(book.is_asking());
  book.learn(alice, {position{5}, {bob}, {user_id{"carol"}}, true, true});
  CHECK_FALSE(book.is_asking());
  const auto* known = book.of(alice, marks);
  REQUIRE(known != nullptr);
  CHECK(known->is_shown);
  CHECK(*known->apart == std::vector{bob, user_id{"carol"}});
  CHECK(*known->hidden == std::vector{user_id{"carol"}});
  marks.changed(alice, position{5});
  CHECK(book.of(alice, marks) != nullptr);
  marks.changed(alice, position{6});
  CHECK(book.of(alice, marks) == nullptr);
  CHECK(book.ask(alice));
  book.failed(alice);
  CHECK_FALSE(book.is_asking());
  CHECK(book.of(alice, marks) == nullptr);
}

TEST_CASE("who lets nobody know, or has too many blocks, is not shown") {
  const membership_marks marks;
  dealings_book book;
  book.learn(alice, {position{1}, {}, {}, true, false});
  CHECK_FALSE(book.of(alice, marks)->is_shown);
  CHECK(book.of(alice, marks)->sees_others);
  CHECK(book.of(alice, marks)->apart == nullptr);
  book.learn(bob, {position{1}, {}, std::vector<user_id>(limits::dealings, alice), false, true});
  CHECK_FALSE(book.of(bob, marks)->is_shown);
  CHECK_FALSE(book.of(bob, marks)->sees_others);
}

TEST_CASE("a bounded number of users is known") {
  const membership_marks marks;
  dealings_book book;
  book.ask(alice); // goes on being read
  for (std::size_t i = 0; i < 3 * limits::acquaintances; ++i) {
    const user_id user{"user" + std::to_string(i)};
    book.ask(user);
    book.learn(user, {position{1}, {}, {}, true, true});
    CHECK(book.of(user, marks) != nullptr);
  }
  CHECK(book.of(user_id{"user0"}, marks) == nullptr);
  CHECK_FALSE(book.ask(alice));
}

} // namespace dealings_book_test
