// `parleyd ctl`: which request each action is, and how an answer is told to people.
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "transport/cli_ctl.hpp"

namespace ctl_test {

using namespace parley;
using std::string;

ctl_options parse_ctl(std::vector<string> words) {
  words.insert(words.begin(), {"ctl", "--data", "d"});
  std::vector<char*> arguments{const_cast<char*>("parleyd")};
  for (auto& word : words)
    arguments.push_back(word.data());
  return std::get<ctl_options>(
      parse_command_line(static_cast<int>(arguments.size()), arguments.data(), "0"));
}

string asked(std::vector<string> words) {
  const auto what = request_of(parse_ctl(std::move(words)));
  return what.method + " " + what.target + (what.body.empty() ? "" : " " + what.body);
}

TEST_CASE("each action is a request") {
  CHECK(asked({"stats"}) == "GET /v1/admin/statistics");
  CHECK(asked({"sessions"}) == "GET /v1/admin/sessions?limit=20");
  CHECK(asked({"sessions", "--limit", "5"}) == "GET /v1/admin/sessions?limit=5");
  CHECK(asked({"sessions", "a b/c"}) == "GET /v1/admin/users/a%20b%2Fc/sessions");
  CHECK(asked({"conversations", "--by", "members"}) ==
        "GET /v1/admin/conversations?by=members&limit=20");
  CHECK(asked({"conversations", "c1"}) == "GET /v1/admin/conversations/c1");
  CHECK(asked({"kick", "alice"}) == "DELETE /v1/admin/users/alice/sessions");
  CHECK(asked({"kick", "alice", "--session", "0-7"}) ==
        "DELETE /v1/admin/users/alice/sessions/0-7");
  CHECK(asked({"kick", "alice", "--from", "c1"}) ==
        "DELETE /v1/admin/conversations/c1/members/alice");
  CHECK(asked({"freeze", "c1"}) == "PUT /v1/admin/conversations/c1/freeze");
  CHECK(asked({"unfreeze", "c1"}) == "DELETE /v1/admin/conversations/c1/freeze");
  CHECK(asked({"log-level"}) == "GET /v1/admin/log-level");
  CHECK(asked({"log-level", "debug"}) == "PUT /v1/admin/log-level {\"level\":\"debug\"}");
  CHECK(asked({"retention"}) == "GET /v1/admin/retention");
  CHECK(asked({"webhooks"}) == "GET /v1/admin/webhooks");
  CHECK(asked({"redeliver", "audit"}) == "POST /v1/admin/webhooks/audit/redeliver");
}

TEST_CASE("what an action is told may stand behind it") {
  const auto what = parse_ctl({"freeze", "c1", "--as", "jane", "--json"});
  CHECK(what.conversation == "c1");
  CHECK(what.as == "jane");
  CHECK(what.json);
  CHECK(parse_ctl({"kick", "check"}).user == "check"); // which is a subcommand elsewhere
}

TEST_CASE("answers are told as tables, or figure by figure") {
  const ctl_options people;
  CHECK(told_by(people, R"({"type":"ok"})") == "done\n");
  CHECK(told_by(people, R"({"type":"ok","seq":7})") == "seq: 7\n");
  CHECK(told_by(people, R"({"type":"log_level","level":"info"})") == "level: info\n");
  CHECK(told_by(people, R"({"type":"statistics","a":1,"log":{"b":null},"send":{"buckets":[]}})") ==
        "a: 1\nlog.b: -\n");
  CHECK(told_by(people, R"({"type":"webhooks","items":[
          {"endpoint":"audit","state":"good","position":1207,"waiting":0,"dead":12}]})") ==
        "endpoint  state  position  waiting  dead\n"
        "audit     good   1207      0        12\n");
  CHECK(told_by(people, R"({"type":"sessions","items":[
          {"session":"0-1","device":"phone","since":1769860800000,"current":false}]})") ==
        "session  device  since\n"
        "0-1      phone   2026-01-31 12:00:00\n");
  ctl_options program;
  program.json = true;
  CHECK(told_by(program, "{\"type\":\"ok\"}\n") == "{\"type\":\"ok\"}\n");
}

} // namespace ctl_test
