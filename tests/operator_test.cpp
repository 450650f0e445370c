// Operators: what they may do where they are no members, and in whose name it is.
#include "actors/conversation_state.hpp"
#include "actors/rules.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/unpack.hpp"
#include "transport/rest/operations.hpp"
#include "transport/rest/request.hpp"

namespace operator_test {

using namespace parley;
using parley::test::unpack;

const timestamp noon{std::chrono::hours{12}};
const conversation_id room{"c1"};
const user_id alice{"alice"};
const user_id bob{"bob"};
const user_id root{"root"};

asker member_asks(const user_id& user) { return {user, {0, 1}, std::int64_t{7}}; }
asker operator_asks() { return {root, {0, 1}, std::int64_t{7}, true}; }

/// A conversation whose log commits at once.
class scene {
public:
  explicit scene(conversation_kind kind = conversation_kind::group) {
    create made;
    made.kind = kind;
    if (kind == conversation_kind::direct)
      made.with = bob;
    else
      made.members = std::vector{bob};
    (void)settled(member_asks(alice), made);
  }

  nlohmann::json settled(const asker& who, const conversation_command& what) {
    verdict decided = decide(who, what);
    if (auto* answer = std::get_if<say>(&decided))
      return unpack(answer->envelope);
    const auto& proposed = std::get<propose>(decided);
    newest = proposed.what;
    auto ack = unpack(proposed.ack);
    commit();
    return ack;
  }
  /// With every look-up answered by nothing.
  verdict decide(const asker& who, const conversation_command& what) {
    verdict decided = state.decide(who, what, noon);
    while (true) {
      if (auto* key = std::get_if<look_up>(&decided))
        state.learn(key->key, std::nullopt);
      else if (auto* users = std::get_if<look_up_invited>(&decided))
        state.learn(std::move(*users), invitation_obstacles{});
      else
        return decided;
      decided = state.decide(who, what, noon);
    }
  }
  void commit() { state.appended(append_number{UINT64_MAX}, position{++batches}); }
  std::string code(const asker& who, const conversation_command& what) {
    const auto answer = settled(who, what);
    return answer["type"] == "error" ? answer["code"] : answer["type"];
  }

  conversation_state state{room};
  record_ptr newest;
  std::uint64_t batches = 0;
};

update_conversation freezing(bool on) {
  update_conversation made;
  made.conversation = room;
  made.frozen = on;
  return made;
}

TEST_CASE("an operator freezes a conversation without being in it, and the event says who it was") {
  scene it;
  const auto answer = it.settled(operator_asks(), freezing(true));
  CHECK(answer["seq"] == 2);
  CHECK(it.newest->actor == root);
  const auto event = unpack(it.newest->event);
  CHECK(event["type"] == "changed");
  CHECK(event["by"] == "root");
  CHECK(event["frozen"] == true);
  CHECK(it.code(member_asks(bob), send_message{room, client_id{"m"}, "hi"}) == "frozen");
  CHECK(it.code(member_asks(alice), send_message{room, client_id{"m"}, "hi"}) == "sent");
  CHECK(it.settled(operator_asks(), freezing(true))["seq"] == 3); // nothing changes
  CHECK(it.code(operator_asks(), freezing(false)) == "ok");
  CHECK(it.code(member_asks(bob), send_message{room, client_id{"m2"}, "hi"}) == "sent");
}

TEST_CASE("whoever does not say that they operate is a stranger") {
  scene it;
  CHECK(it.code(member_asks(root), freezing(true)) == "not_found");
  CHECK(it.code(member_asks(root), remove_member{room, bob, {}}) == "not_found");
  CHECK(it.code(member_asks(root), get_conversation{room}) == "not_found");
}

TEST_CASE("an operator takes members out, owners too, and looks at who is there") {
  scene it;
  CHECK(it.settled(operator_asks(), get_members{room, {}, {}})["items"].size() == 2);
  CHECK(it.settled(operator_asks(), get_conversation{room})["member_count"] == 2);
  CHECK(it.code(operator_asks(), remove_member{room, user_id{"nobody"}, {}}) == "not_found");
  CHECK(it.code(operator_asks(), remove_member{room, alice, {}}) == "ok");
  const auto event = unpack(it.newest->event);
  CHECK(event["type"] == "left");
  CHECK(event["user"] == "alice");
  CHECK(event["by"] == "root");
  CHECK(event["owner"] == "bob"); // somebody owns it still
}

TEST_CASE("an operator says nothing, and does nothing else there") {
  scene it;
  CHECK(it.code(operator_asks(), send_message{room, client_id{"m"}, "hi"}) == "not_found");
  CHECK(it.code(operator_asks(), erase{room}) == "not_found");
  CHECK(it.code(operator_asks(), history{room, {}, {}, {}, {}}) == "not_found");
  CHECK(it.code(operator_asks(), add_members{room, {root}, {}, {}}) == "not_found");
}

TEST_CASE("what no owner may do an operator may not, and a retry gets its first answer") {
  scene direct{conversation_kind::direct};
  CHECK(direct.code(operator_asks(), freezing(true)) == "forbidden");
  CHECK(direct.code(operator_asks(), remove_member{room, bob, {}}) == "forbidden");
  scene it;
  auto named = freezing(true);
  named.client = client_id{"once"};
  CHECK(it.settled(operator_asks(), named)["seq"] == 2);
  CHECK(it.code(operator_asks(), freezing(false)) == "ok");
  CHECK(it.settled(operator_asks(), named)["seq"] == 2);
  CHECK(it.newest->seq.value() == 3);
}

TEST_CASE("an operator waits for what is under way") {
  scene it;
  verdict first = it.decide(member_asks(alice), send_message{room, client_id{"m"}, "hi"});
  REQUIRE(std::get_if<propose>(&first));
  CHECK(std::holds_alternative<parley::wait>(it.decide(operator_asks(), freezing(true))));
  it.commit();
  CHECK(it.code(operator_asks(), freezing(true)) == "ok");
}

TEST_CASE("there is nothing to operate where there is no conversation") {
  conversation_state nothing{room};
  const auto decided = nothing.decide(operator_asks(), freezing(true), noon);
  CHECK(unpack(std::get<say>(decided).envelope)["code"] == "not_found");
}

// --- Who is one ----------------------------------------------------------------------------------

rest_request request_for(std::string_view id, path_fields fields) {
  rest_request asked;
  for (const auto& each : rest_operations())
    if (each.id == id)
      asked.operation = &each;
  asked.fields = std::move(fields);
  return asked;
}

identity somebody(const char* name, bool admin) {
  return {user_id{name}, device_id{}, noon, admin};
}

TEST_CASE("administrators operate, in their own name or in somebody else's, and nobody else does") {
  auto asked = request_for("freezeConversation", {{"conversation", "c1"}});
  REQUIRE(asked.operation);
  CHECK(asker_of(asked, somebody("bob", false)).error().code == error_code::forbidden);
  auto who = asker_of(asked, somebody("root", true));
  REQUIRE(who);
  CHECK(who->user == root);
  CHECK(who->operates);
  asked.on_behalf_of = user_id{"jane"};
  CHECK(asker_of(asked, somebody("bob", false)).error().code == error_code::forbidden);
  who = asker_of(asked, somebody("root", true));
  CHECK(who->user == user_id{"jane"});
  CHECK(who->operates);
  CHECK_FALSE(who->admin);
}

TEST_CASE("sessions of others are asked about in their place") {
  const auto asked = request_for("kickUser", {{"user", "alice"}});
  REQUIRE(asked.operation);
  CHECK(asker_of(asked, somebody("bob", false)).error().code == error_code::forbidden);
  const auto who = asker_of(asked, somebody("root", true));
  REQUIRE(who);
  CHECK(who->user == alice);
  CHECK_FALSE(who->admin);
  const auto command = command_of(asked, "");
  REQUIRE(command);
  CHECK(std::get<end_session>(command->what).all == true);
}

TEST_CASE("whoever acts for somebody otherwise does not operate") {
  auto asked = request_for("updateConversation", {{"conversation", "c1"}});
  asked.on_behalf_of = alice;
  const auto who = asker_of(asked, somebody("root", true));
  REQUIRE(who);
  CHECK_FALSE(who->operates);
}

} // namespace operator_test
