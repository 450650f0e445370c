// What a webhook carries: the specification's own example, secrets, and the body's shape.
#include "transport/webhook_message.hpp"

#include <nlohmann/json.hpp>

#include "actors/webhook_rules.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/story.hpp"
#include "transport/webhook_exchange.hpp"

namespace parley::test {

namespace webhook_message_test {

using namespace std::chrono_literals;

constexpr std::string_view example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

TEST_CASE("the specification's example has the specification's signature") {
  const auto secret = webhook_secret_of(example);
  REQUIRE(secret);
  CHECK(webhook_signatures({*secret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330s,
                           R"({"test": 2432232314})") ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("each secret signs, the first one first") {
  const std::string one(24, 'a');
  const std::string two(64, 'b');
  const auto both = webhook_signatures({one, two}, "id", 1s, "{}");
  CHECK(both == webhook_signatures({one}, "id", 1s, "{}") + " " +
                    webhook_signatures({two}, "id", 1s, "{}"));
}

TEST_CASE("a secret is whsec_ and the base64 of 24 to 64 bytes") {
  struct row {
    std::string text;
    bool is_good;
  };
  const std::string thirty_two = "whsec_" + std::string(32, 'A');
  for (const auto& each : {
           row{std::string(example), true},
           row{thirty_two, true},                              // 24 bytes
           row{"whsec_" + std::string(86, 'A') + "==", true},  // 64
           row{"whsec_" + std::string(31, 'A') + "=", false},  // 23
           row{"whsec_" + std::string(87, 'A') + "=", false},  // 65
           row{"whsec_" + std::string(33, 'A') + "B=", false}, // bits left over
           row{"whsec_" + std::string(34, 'A'), false},        // no padding
           row{"whsec_" + std::string(34, 'A') + "==", true},  // 25
           row{"whsec_" + std::string(31, 'A') + "-", false},  // another alphabet
           row{"whsec_ " + std::string(32, 'A'), false},
           row{std::string(32, 'A'), false},
           row{"whsec_", false},
           row{"", false},
       }) {
    CAPTURE(each.text);
    CHECK(webhook_secret_of(each.text).has_value() == each.is_good);
  }
}

TEST_CASE("the body has type, time and the event as a WebSocket in JSON has it") {
  story told;
  told.created("room", {"alice", "bob"});
  const auto message = told.message("room", "alice", "say \"hello\"\n");
  webhook_delivery what;
  what.type = webhook_rules::type_of(message->kind);
  what.at = message->at;
  what.event = message->event;
  const auto body = nlohmann::json::parse(webhook_body(what));
  CHECK(body.size() == 3);
  CHECK(body["type"] == "message.created");
  CHECK(body["timestamp"] == "2023-11-14T22:13:20.002Z");
  CHECK(body["data"]["type"] == "message");
  CHECK(body["data"]["conversation"] == "room");
  CHECK(body["data"]["seq"] == 2);
  CHECK(body["data"]["body"] == "say \"hello\"\n");
}

TEST_CASE("times are RFC 3339 with milliseconds") {
  CHECK(rfc3339(timestamp{0ms}) == "1970-01-01T00:00:00.000Z");
  CHECK(rfc3339(timestamp{1'709'209'425'070ms}) == "2024-02-29T12:23:45.070Z");
  CHECK(rfc3339(timestamp{-1ms}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("Retry-After is seconds or a date") {
  const timestamp now{784'111'777'000ms}; // Sun, 06 Nov 1994 08:49:37 GMT
  CHECK(retry_after_of("120", now) == 120s);
  CHECK(retry_after_of("0", now) == 0s);
  CHECK(retry_after_of("99999999999", now) == 86'400s);
  CHECK(retry_after_of("Sun, 06 Nov 1994 08:50:37 GMT", now) == 60s);
  CHECK(retry_after_of("Sun, 06 Nov 1994 08:48:37 GMT", now) == 0s);
  for (const auto* each : {"", "-1", "1.5", "soon", "12 s", "99999999999999999999"})
    CHECK_FALSE(retry_after_of(each, now));
}

} // namespace webhook_message_test

} // namespace parley::test
