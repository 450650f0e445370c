// How many have a message and have read it, counted as each reader is told.
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace receipt_counts_test {

json counts(client& asks, const conversation_id& where) {
  return asks.ask(get_receipts{where, 2, 1, {}, true})["counts"];
}

json of(int delivered, int read, int all) {
  return {{"delivered", delivered}, {"read", read}, {"of", all}};
}

TEST_CASE("how many have a message, and have read it, is counted as it is told") {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  client carol{it, "carol"};
  const conversation_id where{
      make_group(alice, {user_id{"bob"}, user_id{"carol"}}).get<std::string>()};
  alice.post(where.str(), "a1");
  CHECK(counts(alice, where) == of(0, 0, 2));
  CHECK_FALSE(alice.ask(get_receipts{where, 2}).contains("counts"));
  bob.ask(mark_delivered{where, 2});
  carol.ask(mark_read{where, 2});
  CHECK(counts(alice, where) == of(2, 1, 2));
  carol.ask(mark_unread{where, 2});
  CHECK(counts(alice, where) == of(2, 0, 2));
  bob.ask(mark_read{where, 2, {}, true}); // in private
  CHECK(counts(alice, where) == of(2, 0, 2));
  alice.ask(block_user{user_id{"carol"}});
  CHECK(counts(alice, where) == of(1, 0, 1));
  CHECK(counts(bob, where) == of(2, 0, 2));
  alice.ask(add_members{where, {user_id{"late"}}, {}, {}});
  CHECK(counts(bob, where) == of(2, 0, 2)); // it was before their time
  it.restart();
  client again{it, "bob"};
  CHECK(counts(again, where) == of(2, 0, 2));
}

TEST_CASE("in a conversation of more than a hundred, too") {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  client some{it, "u7"};
  std::vector<user_id> many{user_id{"bob"}};
  for (int i = 0; i < 150; ++i)
    many.emplace_back("u" + std::to_string(i));
  const conversation_id where{make_group(alice, many).get<std::string>()};
  alice.post(where.str(), "a1");
  bob.ask(mark_read{where, 2});
  some.ask(mark_delivered{where, 2});
  CHECK(counts(alice, where) == of(2, 1, 151));
}

} // namespace receipt_counts_test
