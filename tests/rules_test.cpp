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

TEST_CASE("of two bounds the stricter one counts, kind by kind") {
  CHECK(stricter_of({}, {}) == retention_bounds{});
  CHECK(stricter_of({7, 0}, {0, 20}) == retention_bounds{7, 20});
  CHECK(stricter_of({7, 30}, {8, 20}) == retention_bounds{7, 20});
  CHECK(stricter_of({8, 20}, {7, 30}) == retention_bounds{7, 20});
}

TEST_CASE("how much may be kept, and who says so") {
  CHECK(rules::validate(retention_bounds{}));
  CHECK(rules::validate(retention_bounds{36'500, 1'000'000}));
  CHECK_FALSE(rules::validate(retention_bounds{36'501, 0}));
  CHECK_FALSE(rules::validate(retention_bounds{0, 1'000'001}));
  for (role as : {owner, admin, member, reader}) {
    CHECK(rules::may_settle(group, as) == (as == owner));
    CHECK(rules::may_settle(channel, as) == (as == owner));
    CHECK_FALSE(rules::may_settle(direct, as));
  }
}

TEST_CASE("a retry says the same about what is kept, and about a hold") {
  const conversation_id where{"room"};
  const auto keeping = [&](std::optional<retention_bounds> bounds) {
    update_conversation what{where};
    what.retention = bounds;
    return rules::fingerprint_of(what);
  };
  CHECK(keeping(retention_bounds{1, 2}) == keeping(retention_bounds{1, 2}));
  CHECK(keeping(retention_bounds{1, 2}) != keeping(retention_bounds{12, 0}));
  CHECK(keeping(retention_bounds{}) != keeping({}));
  CHECK(rules::fingerprint_of(hold_conversation{where, true}) ==
        rules::fingerprint_of(hold_conversation{where, true, client_id{"x"}}));
  CHECK(rules::fingerprint_of(hold_conversation{where, true}) !=
        rules::fingerprint_of(hold_conversation{where, false}));
}

TEST_CASE("a retry says the same about an invitation, anything else does not") {
  const conversation_id where{"room"};
  const invite_users offer{where, {user_id{"carol"}}, member};
  CHECK(rules::fingerprint_of(offer) ==
        rules::fingerprint_of(invite_users{where, {user_id{"carol"}}, member, client_id{"x"}}));
  const std::vector<fingerprint> all{
      rules::fingerprint_of(offer),
      rules::fingerprint_of(invite_users{where, {user_id{"carol"}}}),
      rules::fingerprint_of(invite_users{where, {user_id{"carol"}}, reader}),
      rules::fingerprint_of(invite_users{where, {user_id{"carol"}, user_id{"dave"}}, member}),
      rules::fingerprint_of(add_members{where, {user_id{"carol"}}, member, {}}),
      rules::fingerprint_of(accept_invitation{where}),
      rules::fingerprint_of(decline_invitation{where}),
      rules::fingerprint_of(uninvite_user{where, user_id{"carol"}}),
      rules::fingerprint_of(uninvite_user{where, user_id{"dave"}}),
      rules::fingerprint_of(remove_member{where, user_id{"carol"}, {}})};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      CAPTURE(i, k);
      CHECK(all[i] != all[k]);
    }
}

TEST_CASE("a profile has names of one line, and addresses that are safe to open") {
  const auto fate = [](const set_profile& what) {
    const auto valid = rules::validate(what);
    return valid ? std::string{"ok"} : std::string{describe(valid.error().code).name};
  };
  const auto avatar = [&](const char* text) { return fate({{}, erasable_text{text}, {}, {}}); };
  CHECK(fate({}) == "bad_request");
  CHECK(fate({erasable_text{}, {}, {}, {}}) == "ok");
  CHECK(fate({erasable_text{"a\nb"}, {}, {}, {}}) == "bad_request");
  CHECK(fate({{}, {}, erasable_text{"two\nlines"}, {}}) == "ok");
  for (const char* good : {"", "https://example.org/a.png", "avatars/7.png", "0f3e", "7:30", "é:x"})
    CHECK(avatar(good) == "ok");
  for (const char* bad : {"http://example.org/a.png", "javascript:alert(1)", "JavaScript:x",
                          "data:image/png;base64,", "https://", "https:x", "a\nb", "file:///etc"})
    CHECK(avatar(bad) == "bad_request");
}

TEST_CASE("a retry says the same about a profile or a switch, anything else does not") {
  const erasable_text x{"x"};
  set_notifications typing;
  typing.typing = false;
  set_notifications loud = typing;
  loud.typing = true;
  set_notifications seen;
  seen.last_seen = false;
  set_notifications zone;
  zone.zone = "UTC";
  const std::vector<fingerprint> all{
      rules::fingerprint_of(set_profile{x, {}, {}, {}}),
      rules::fingerprint_of(set_profile{{}, x, {}, {}}),
      rules::fingerprint_of(set_profile{{}, {}, x, {}}),
      rules::fingerprint_of(set_profile{erasable_text{}, {}, {}, {}}),
      rules::fingerprint_of(typing),
      rules::fingerprint_of(loud),
      rules::fingerprint_of(seen),
      rules::fingerprint_of(zone)};
  CHECK(all[0] == rules::fingerprint_of(set_profile{x, {}, {}, client_id{"c"}}));
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      CHECK(all[i] != all[k]);
}

} // namespace rules_test
