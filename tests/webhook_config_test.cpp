// The file of endpoints: what is taken, and what is refused with a word that helps.
#include "transport/webhook_config.hpp"

#include <fstream>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"

namespace parley::test {

namespace webhook_config_test {

const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// An endpoint with `changed` at its end.
std::string endpoint(const std::string& changed = {}) {
  return R"({"id": "audit", "url": "https://example.com/in", "secrets": [")" + secret +
         R"("], "events": ["message.*", "member.left"])" + changed + "}";
}

TEST_CASE("a good file is taken as it is meant") {
  const auto all =
      parse_webhooks("[" + endpoint(R"(, "conversations": ["direct", "group"])") + "]");
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  const auto& one = *all->front();
  CHECK(one.id == "audit");
  CHECK(one.target == webhook_target{true, "example.com", 443, "/in"});
  CHECK(one.secrets.front().size() == 24);
  CHECK(one.events == std::vector<std::string>{"message.*", "member.left"});
  CHECK(one.conversations ==
        std::vector<conversation_kind>{conversation_kind::direct, conversation_kind::group});
  REQUIRE(parse_webhooks("[]"));
  CHECK(parse_webhooks("[]")->empty());
}

TEST_CASE("whatever is not understood is refused, and no secret is repeated") {
  const auto with = [](const std::string& key, const std::string& value) {
    std::string text = "{";
    for (const auto& [name, usual] : {std::pair<std::string, std::string>{"id", R"("a")"},
                                      {"url", R"("https://example.com")"},
                                      {"secrets", "[\"" + secret + "\"]"},
                                      {"events", R"(["*"])"}})
      if (name != key)
        text += "\"" + name + "\": " + usual + ", ";
    return "[" + text + "\"" + key + "\": " + value + "}]";
  };
  struct row {
    std::string text;
    const char* why;
  };
  for (const auto& each : {
           row{"", "no list"},
           row{"{}", "no list"},
           row{"[1]", "object"},
           row{"[" + endpoint() + "," + endpoint() + "]", "another one"},
           row{with("extra", "1"), "'extra'"},
           row{with("id", "\"\""), "id must"},
           row{with("id", "\"a b\""), "id must"},
           row{with("id", "7"), "id must"},
           row{with("url", "\"http://user@example.com\""), "user"},
           row{with("url", "\"gopher://example.com\""), "https://"},
           row{with("url", "null"), "url must"},
           row{with("secrets", "[]"), "secrets must"},
           row{with("secrets", "[\"whsec_c2hvcnQ=\"]"), "a secret must"},
           row{with("events", "[]"), "events must"},
           row{with("events", R"(["message.sent"])"), "events must"},
           row{with("events", R"(["message"])"), "events must"},
           row{with("events", R"(["nothing.*"])"), "events must"},
           row{with("conversations", R"(["room"])"), "conversations must"},
           row{with("conversations", "[]"), "conversations must"},
           row{R"([{"id": "a"}])", "url is missing"},
       }) {
    CAPTURE(each.text);
    const auto all = parse_webhooks(each.text);
    REQUIRE_FALSE(all);
    CHECK(all.error().message.find(each.why) != std::string::npos);
    CHECK(all.error().message.find("whsec_M") == std::string::npos);
  }
}

TEST_CASE("a file that is not there or too long is named") {
  const temporary_directory place;
  const auto file = (place.path() / "hooks.json").string();
  REQUIRE_FALSE(read_webhooks(file));
  CHECK(read_webhooks(file).error().message.find(file) != std::string::npos);
  REQUIRE_FALSE(read_webhooks(place.path().string()));
  std::ofstream{file} << "[" << endpoint() << "]";
  CHECK(read_webhooks(file));
  std::ofstream{file} << std::string(300'000, ' ') << "[]";
  CHECK_FALSE(read_webhooks(file));
}

} // namespace webhook_config_test

} // namespace parley::test
