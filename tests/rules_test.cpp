// The tables of who may do what.
#include "actors/rules.hpp"

#include "tests/support/catch.hpp"

using namespace parley;
using enum role;

namespace rules_test {

constexpr auto group = conversation_kind::group;
constexpr auto direct = conversation_kind::direct;
constexpr auto channel = conversation_kind::channel;

TEST_CASE("who may post, add, and change what a conversation is called") {
  struct row {
    conversation_kind kind;
    role as;
    bool post;
    bool add;
    bool update;
  };
  for (const row& each : {row{direct, owner, true, false, true},
                          {direct, member, true, false, true},
                          {group, owner, true, true, true},
                          {group, admin, true, true, true},
                          {group, member, true, true, true},
                          {group, reader, false, false, false},
                          {channel, owner, true, true, true},
                          {channel, admin, true, true, true},
                          {channel, member, false, false, false},
                          {channel, reader, false, false, false}}) {
    CAPTURE(to_string(each.kind), to_string(each.as));
    CHECK(rules::may_post(each.kind, each.as) == each.post);
    CHECK(rules::may_add(each.kind, each.as) == each.add);
    CHECK(rules::may_update(each.kind, each.as) == each.update);
  }
}

TEST_CASE("who may give which role to whom") {
  const std::vector<role> all{owner, admin, member, reader};
  for (role as : all)
    for (role from : all)
      for (role to : all) {
        CAPTURE(to_string(as), to_string(from), to_string(to));
        const bool below = (from == member || from == reader) && (to == member || to == reader);
        CHECK(rules::may_change_role(group, as, from, to) ==
              (as == owner || (as == admin && below)));
        CHECK(rules::may_change_role(channel, as, from, to) ==
              rules::may_change_role(group, as, from, to));
        CHECK_FALSE(rules::may_change_role(direct, as, from, to));
      }
}

} // namespace rules_test
