// Screening: what waits for a verdict, in which order it goes on, and what a verdict does.
#include <string>
#include <vector>

#include "actors/held_commands.hpp"
#include "actors/limits.hpp"
#include "actors/rules.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"
#include "transport/screening_message.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace screening_test {

const user_id alice{"alice"};
const conversation_id room{"room"};

envelope saying(const std::string& body, std::int64_t ref = 1) {
  return {ref, send_message{room, client_id{"c" + body}, body}};
}

const send_message& sent_in(const envelope& asked) { return std::get<send_message>(asked.what); }

TEST_CASE("commands go on in the order they came, whatever order the verdicts come in") {
  held_commands held;
  const auto first = held.hold_message(saying("one", 1));
  const auto second = held.hold_message(saying("two", 2));
  held.hold({std::int64_t{3}, ping{}});
  CHECK_FALSE(held.next());
  CHECK(held.settle(second, {}));
  CHECK_FALSE(held.next());
  CHECK(held.settle(first, {}));
  for (std::int64_t ref = 1; ref <= 3; ++ref)
    CHECK(held.next()->ref == reference{ref});
  CHECK(held.empty());
  CHECK_FALSE(held.settle(first, {})); // it is gone
}

TEST_CASE("a verdict leaves a message as it is, gives it another body, or refuses it") {
  held_commands held;
  const auto fingerprint = rules::fingerprint_of(sent_in(saying("said")));
  held.settle(held.hold_message(saying("said")), {});
  CHECK(sent_in(*held.next()).screened == nullptr);

  held.settle(held.hold_message(saying("said")), {screening::rewritten, "meant", {}, {}});
  const auto rewritten = *held.next();
  CHECK(sent_in(rewritten).body == "meant");
  CHECK(rules::fingerprint_of(sent_in(rewritten)) == fingerprint); // a retry says it again
  CHECK_FALSE(sent_in(rewritten).screened->refused);

  held.settle(held.hold_message(saying("said")), {screening::rejected, {}, {}, "be kind"});
  const auto refused = *held.next();
  CHECK(sent_in(refused).screened->refused->code == error_code::forbidden);
  CHECK(sent_in(refused).screened->refused->message == "be kind");
  CHECK(rules::fingerprint_of(sent_in(refused)) == fingerprint);
}

TEST_CASE("what could not be screened is sent or refused, as the policy says") {
  held_commands held;
  CHECK(held.settle_unscreened(held.hold_message(saying("said")), {2s, true}));
  CHECK(sent_in(*held.next()).screened == nullptr);
  CHECK(held.settle_unscreened(held.hold_message(saying("said")), {2s, false}));
  const auto refused = *held.next();
  CHECK(sent_in(refused).screened->refused->code == error_code::unavailable);
  CHECK(sent_in(refused).screened->refused->retry_after);
}

TEST_CASE("messages and edits are screened, and nothing else") {
  CHECK(held_commands::screened(saying("x").what, alice)->body == "x");
  const auto edit = held_commands::screened(edit_message{room, 7, "y"}, alice);
  REQUIRE(edit);
  CHECK(edit->message == 7);
  CHECK_FALSE(held_commands::screened(set_typing{room, true}, alice));
  CHECK_FALSE(held_commands::screened(react{room, 1, "+"}, alice));
}

TEST_CASE("what an application answers over HTTP is a verdict, or counts as none") {
  const auto what = [](unsigned int status, std::string_view body) {
    const auto verdict = parse_screening(status, body);
    if (!verdict)
      return verdict.error().code == error_code::unavailable ? std::string{"none"} : "?";
    const auto meta = verdict->meta ? std::to_string(verdict->meta->msgpack.size()) : "-";
    return std::to_string(static_cast<int>(verdict->what)) + verdict->body + verdict->reason + meta;
  };
  CHECK(what(204, "") == "0-");
  CHECK(what(200, R"({"verdict":"allow"})") == "0-");
  CHECK(what(200, R"({"verdict":"reject","reason":"no"})") == "1no-");
  CHECK(what(200, R"({"verdict":"reject"})") == "1-");
  CHECK(what(200, R"({"verdict":"rewrite","body":"b"})") == "2b-");
  CHECK(what(200, R"({"verdict":"rewrite","body":"b","meta":{"a":1}})") == "2b4");
  CHECK(what(200, "{\"verdict\":\"rewrite\",\"body\":\"e\u0301\"}") == "2\u00e9-"); // NFC
  for (const char* wrong :
       {"", "[]", "{}", R"({"verdict":"maybe"})", R"({"verdict":1})", R"({"verdict":"rewrite"})",
        R"({"verdict":"rewrite","body":7})", R"({"verdict":"rewrite","body":"\u0007"})",
        R"({"verdict":"rewrite","body":"b","meta":[1]})"})
    CHECK(what(200, wrong) == "none");
  const std::string deep(60'000, '[');
  CHECK(what(200, R"({"verdict":"allow","x":)" + deep + "}") == "none");
  CHECK(what(200, R"({"verdict":"rewrite","body":"b","meta":{"x":)" + deep) == "none");
  CHECK(what(200, R"({"verdict":"rewrite","body":"b","meta":{"x":)" + deep +
                      std::string(60'000, ']') + "}}") == "none");
  for (const unsigned int status : {201U, 301U, 404U, 500U})
    CHECK(what(status, R"({"verdict":"allow"})") == "none");
}

TEST_CASE("a verdict that could not be sent is none") {
  CHECK(is_in_bounds({screening::rewritten, std::string(limits::body_bytes, 'x'), {}, {}}));
  CHECK_FALSE(
      is_in_bounds({screening::rewritten, std::string(limits::body_bytes + 1, 'x'), {}, {}}));
  const application_data large{std::string(limits::meta_bytes + 1, 'x')};
  CHECK_FALSE(is_in_bounds({screening::rewritten, "b", large, {}}));
  CHECK_FALSE(is_in_bounds({screening::rewritten, {}, {}, {}}));
  CHECK(is_in_bounds({screening::rejected, {}, {}, {}}));
}

TEST_CASE("a reason that is too long is left out, and the message is refused all the same") {
  held_commands held;
  const std::string lecture(limits::screening_reason_bytes + 1, 'x');
  CHECK(held.settle(held.hold_message(saying("said")), {screening::rejected, {}, {}, lecture}));
  const auto refused = *held.next();
  CHECK(sent_in(refused).screened->refused->code == error_code::forbidden);
  CHECK(sent_in(refused).screened->refused->message.size() < 100);
}

TEST_CASE("of many failures one a second is logged, and says how many were not") {
  log_gate gate;
  const instant noon{1h};
  CHECK(gate.pass(noon) == 0);
  CHECK_FALSE(gate.pass(noon));
  CHECK_FALSE(gate.pass(noon + 999ms));
  CHECK(gate.pass(noon + 1s) == 2);
  CHECK(gate.pass(noon + 3s) == 0);
}

/// An embedder's actor, that answers when it is told to.
class judge : public screener_actor::base {
public:
  judge(caf::actor_config& config, std::vector<screen>& asked)
      : screener_actor::base(config), asked_(asked) {}
  behavior_type make_behavior() override {
    return {[this](const screen& question) { asked_.push_back(question); }};
  }

private:
  std::vector<screen>& asked_;
};

/// Alice's group with Bob, where an actor is asked about each message.
struct court {
  scene it;
  std::vector<screen> asked;
  client alice{it, "alice"};
  client bob{it, "bob"};
  conversation_id where{make_group(alice, {user_id{"bob"}}).get<std::string>()};

  court() {
    it.engine->context()->handles->screening.patience = 1min; // scenes take their time
    it.engine->context()->handles->screener =
        spawn_actor<judge, screener_actor>(it.engine->actors(), std::ref(asked));
  }
  /// Hands out a verdict on the question.
  void rule(std::size_t question, result<screening_verdict> verdict) {
    tell_from_outside(asked.at(question).to,
                      screened{asked.at(question).number, std::move(verdict)});
    it.engine->settle();
  }
  void say(client& who, const std::string& body) {
    who.say(send_message{where, client_id{body}, body});
    it.engine->settle();
  }
  names bodies() {
    names found;
    for (const auto& each : bob.events())
      if (each["type"] == "message")
        found.push_back(each["body"]);
    return found;
  }
};

TEST_CASE("a message is sent once the application has allowed it, in the order it was said") {
  court all;
  all.say(all.alice, "one");
  all.say(all.alice, "two");
  REQUIRE(all.asked.size() == 2);
  CHECK(all.asked[0].what->from == user_id{"alice"});
  CHECK(all.asked[0].what->conversation == all.where);
  CHECK(all.bodies().empty());
  all.rule(1, screening_verdict{});
  CHECK(all.bodies().empty());
  all.say(all.bob, "mine"); // another connection does not wait
  all.rule(2, screening_verdict{});
  CHECK(all.bodies() == names{"mine"});
  all.rule(0, screening_verdict{screening::rewritten, "first", {}, {}});
  CHECK(all.bodies() == names{"first", "two"});
  CHECK(all.alice.last()["type"] == "sent");
  const auto& counts = all.it.engine->context()->metrics->screened;
  CHECK(counts[0].value() == 2);
  CHECK(counts[2].value() == 1);
}

TEST_CASE("what is refused is not sent, and its author is told why") {
  court all;
  all.say(all.alice, "bad");
  all.rule(0, screening_verdict{screening::rejected, {}, {}, "not here"});
  CHECK(all.alice.last()["code"] == "forbidden");
  CHECK(all.alice.last()["message"] == "not here");
  CHECK(all.bodies().empty());
  all.say(all.alice, "bad"); // said again, it is looked at again
  all.rule(1, screening_verdict{});
  CHECK(all.bodies() == names{"bad"});
}

TEST_CASE("a retry gets its first answer, whatever is said of it now") {
  court all;
  all.say(all.alice, "one");
  all.rule(0, screening_verdict{screening::rewritten, "two", {}, {}});
  const json first = all.alice.last();
  CHECK(all.bodies() == names{"two"});
  for (const auto& verdict :
       {screening_verdict{screening::rejected, {}, {}, {}},
        screening_verdict{screening::rewritten, "three", {}, {}}, screening_verdict{}}) {
    all.say(all.alice, "one");
    all.rule(all.asked.size() - 1, verdict);
    CHECK(all.alice.last()["type"] == "sent");
    CHECK(all.alice.last()["seq"] == first["seq"]);
  }
  CHECK(all.bodies().empty());
  all.alice.say(
      send_message{all.where, client_id{"one"}, "two"}); // what it became is other content
  all.it.engine->settle();
  all.rule(all.asked.size() - 1, screening_verdict{});
  CHECK(all.alice.last()["code"] == "conflict");
}

TEST_CASE("an edit is looked at like a message") {
  court all;
  all.say(all.alice, "one");
  all.rule(0, screening_verdict{});
  const std::uint64_t message = all.alice.last()["seq"];
  all.alice.say(edit_message{all.where, message, "worse"});
  all.it.engine->settle();
  all.rule(1, screening_verdict{screening::rejected, {}, {}, "no"});
  CHECK(all.alice.last()["code"] == "forbidden");
  all.alice.say(edit_message{all.where, message, "better"});
  all.it.engine->settle();
  all.rule(2, screening_verdict{screening::rewritten, "best", {}, {}});
  CHECK(all.alice.last()["type"] == "ok");
  const json page = all.bob.ask(history{all.where, {}, {}, {}, {}});
  CHECK(page["events"].back()["body"] == "best");
}

TEST_CASE("an application that does not answer in time holds nobody up for longer") {
  court all;
  all.say(all.alice, "one");
  all.alice.say(get_conversation{all.where});
  all.it.engine->settle();
  CHECK(all.alice.last()["type"] != "conversation"); // it waits behind the message
  all.it.pass(all.it.engine->context()->handles->screening.patience);
  CHECK(all.alice.last()["type"] == "conversation");
  CHECK(all.bodies().empty());
  all.rule(0, screening_verdict{}); // too late
  CHECK(all.bodies().empty());
  CHECK(all.it.engine->context()->metrics->screenings_failed.value() == 1);
  all.say(all.alice, "two");
  all.rule(1, failure{error_code::unavailable, "status 500", {}});
  CHECK(all.alice.last()["code"] == "unavailable");
  CHECK(all.alice.last()["retry_after_ms"] == 1000);
  all.it.engine->context()->handles->screening.fails_open = true;
  all.say(all.alice, "three");
  all.rule(2, failure{error_code::unavailable, "status 500", {}});
  client again{all.it, "bob"}; // the one before was let go
  const json page = again.ask(history{all.where, {}, {}, {}, {}});
  CHECK(page["events"].back()["body"] == "three");
  client alice{all.it, "alice"};
  all.say(alice, "four"); // one of too many is sent under no policy
  all.rule(3, failure{error_code::overloaded, "too many", {}});
  CHECK(alice.last()["code"] == "rate_limited");
}

TEST_CASE("strangers are told what strangers are told, whatever the application says") {
  court all;
  client dave{all.it, "dave"};
  all.say(dave, "hello");
  all.rule(0, screening_verdict{screening::rejected, {}, {}, "no"});
  CHECK(dave.last()["code"] == "not_found");
}

} // namespace screening_test
