// Archives: who gets what, as history and sync would show it, in portions that stay small.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/export_desk.hpp"
#include "actors/limits_of_exports.hpp"
#include "tests/support/export_scene.hpp"
#include "transport/http_exports.hpp"

using namespace parley;
using namespace parley::test;

namespace export_test {

TEST_CASE("a member gets what sync shows, from the first event to the last") {
  crew all;
  const auto first = all.post(*all.alice, "a1", "caf\xc3\xa9 \"quoted\"");
  const auto gone = all.post(*all.alice, "a2", "secret words");
  all.bob->ask(react{all.where, first, "+1"});
  all.bob->ask(edit_message{all.where, all.post(*all.bob, "b1", "wrong"), "right"});
  all.alice->ask(erase{all.where, gone, audience::everyone});
  const auto tar = all.of_conversation("bob");
  const json page = all.bob->ask(sync_events{all.where, 0, {}});
  REQUIRE(page["events"].size() == 7);
  CHECK(json(tar.lines("events")) == page["events"]);
  CHECK(tar.entries.at("events-000001.jsonl").find("secret words") == std::string::npos);
  CHECK(tar.names.front() == "manifest.json");
  CHECK(tar.names.back() == "receipt.json");
  const json manifest = tar.document("manifest.json");
  CHECK(manifest["format"] == "parley-export");
  CHECK(manifest["version"] == 1);
  CHECK(manifest["what"] == "conversation");
  CHECK(manifest["as"] == "reader");
  CHECK(manifest["reader"] == "bob");
  CHECK(manifest["head"] == 7);
  const json facts = tar.document("conversation.json");
  const json told = all.bob->ask(get_conversation{all.where});
  for (const char* same :
       {"conversation", "kind", "title", "seq", "member_count", "created_at", "members"})
    CHECK(facts[same] == told[same]);
  const auto members = tar.lines("members");
  REQUIRE(members.size() == 2);
  CHECK(members[0]["user"] == "alice");
  CHECK(members[0]["role"] == "owner");
  CHECK(members[1]["seq"] == 1);
  CHECK(tar.lines("receipts").size() == 2);
  CHECK(tar.document("complete.json")["events"] == 7);
}

TEST_CASE("what a member has hidden, or may not see of the past, is not in theirs") {
  crew all;
  const auto early = all.post(*all.alice, "a1", "early");
  update_conversation settled{all.where};
  settled.history = shown_past::joined;
  all.alice->ask(settled);
  all.alice->ask(add_members{all.where, {user_id{"eve"}}, {}, {}});
  all.alice->ask(edit_message{all.where, early, "early again"});
  const auto shown = all.post(*all.alice, "a2", "late");
  all.bob->ask(erase{all.where, shown, audience::me});
  all.alice->ask(edit_message{all.where, shown, "later"});
  const auto bodies = [](const opened_tar& tar) {
    std::vector<std::string> found;
    for (const auto& each : tar.lines("events"))
      if (each.contains("body"))
        found.push_back(each["body"]);
    return found;
  };
  CHECK(bodies(all.of_conversation("alice")) == names{"early", "early again", "late", "later"});
  CHECK(bodies(all.of_conversation("bob")) == names{"early", "early again"});
  CHECK(bodies(all.of_conversation("eve")) == names{"late", "later"});
  CHECK(bodies(all.of_conversation({})) == names{"early", "early again", "late", "later"});
  CHECK_FALSE(all.of_conversation("bob").has("hidden-000001.jsonl"));
  const auto own = all.of_user("bob");
  const auto hidden = own.lines("conversations/000001/hidden");
  REQUIRE(hidden.size() == 1);
  CHECK(hidden[0]["message"] == shown);
}

TEST_CASE("strangers, those who left and what is not there get nothing") {
  crew all;
  CHECK(all.code_of({all.where, user_id{"bob"}}) == "ok");
  CHECK(all.code_of({all.where, user_id{"eve"}}) == "not_found");
  CHECK(all.code_of({conversation_id{"none"}, user_id{"bob"}}) == "not_found");
  CHECK(all.code_of({conversation_id{"none"}, {}}) == "not_found");
  CHECK(all.code_of({user_id{"nobody"}, {}}) == "not_found");
  CHECK(all.code_of({user_id{"nobody"}, user_id{"nobody"}}) == "ok");
  CHECK(all.code_of({user_id{"bob"}, {}}) == "ok");
  all.bob->ask(leave{all.where, {}});
  CHECK(all.code_of({all.where, user_id{"bob"}}) == "not_found");
  const auto left = all.of_user("bob");
  REQUIRE(left.lines("conversations").size() == 1);
  CHECK(left.lines("conversations")[0]["periods"] == json::array({{1, 2}}));
  CHECK_FALSE(left.has("conversations/000001/conversation.json"));
  CHECK_FALSE(left.has("conversations/000001/events-000001.jsonl"));
  erase everything{all.where};
  all.alice->ask(everything);
  CHECK(all.code_of({all.where, {}}) == "not_found");
}

TEST_CASE("files are in it once, with the bytes that were uploaded") {
  crew all;
  const file_facts file = all.uploaded("alice", std::string(200'000, 'x'));
  const auto one = all.send_file(*all.alice, "a1", file);
  const auto two = all.send_file(*all.alice, "a2", file);
  const file_facts gone = all.uploaded("alice", "gone");
  all.alice->ask(erase{all.where, all.send_file(*all.alice, "a3", gone), audience::everyone});
  const file_facts unsent = all.uploaded("alice", "never sent");
  const auto tar = all.of_conversation("bob");
  REQUIRE(tar.has("files/" + file.file.str()));
  CHECK(tar.entries.at("files/" + file.file.str()) == std::string(200'000, 'x'));
  CHECK_FALSE(tar.has("files/" + gone.file.str()));
  CHECK_FALSE(tar.has("files/" + unsent.file.str()));
  const auto files = tar.lines("files");
  REQUIRE(files.size() == 1);
  CHECK(files[0]["sha256"] == hex(file.sha256, 32));
  CHECK(files[0]["name"] == "a b.txt");
  CHECK(files[0]["messages"] == json::array({one, two}));
  all.bob->ask(erase{all.where, one, audience::me});
  CHECK(all.of_conversation("bob").lines("files")[0]["messages"] == json::array({two}));
  const auto own = all.of_user("alice");
  CHECK(own.entries.at("files/" + unsent.file.str()) == "never sent");
  CHECK(own.has("conversations/000001/files/" + file.file.str()));
}

TEST_CASE("a user's archive has what is stored of them, and nothing of others' own") {
  crew all;
  const auto message = all.post(*all.alice, "a1", "hello bob");
  all.bob->ask(mark_read{all.where, message, {}});
  all.bob->ask(block_user{user_id{"eve"}, {}});
  set_notifications how;
  how.zone = "Europe/Berlin";
  all.bob->ask(how);
  set_preferences kept;
  kept.conversation = all.where;
  kept.pinned = true;
  all.bob->ask(kept);
  const auto tar = all.of_user("bob");
  CHECK(tar.document("manifest.json")["what"] == "user");
  CHECK(tar.document("profile.json")["user"] == "bob");
  CHECK(tar.document("profile.json")["preferences"]["zone"] == "Europe/Berlin");
  REQUIRE(tar.lines("blocks").size() == 1);
  CHECK(tar.lines("blocks")[0]["user"] == "eve");
  const auto conversations = tar.lines("conversations");
  REQUIRE(conversations.size() == 1);
  CHECK(conversations[0]["conversation"] == all.where.str());
  CHECK(conversations[0]["folder"] == "conversations/000001");
  CHECK(conversations[0]["role"] == "member");
  CHECK(tar.document("conversations/000001/settings.json")["pinned"] == true);
  const auto receipts = tar.lines("conversations/000001/receipts");
  REQUIRE(receipts.size() == 1);
  CHECK(receipts[0]["user"] == "bob");
  CHECK(receipts[0]["read"] == message);
  CHECK(tar.lines("conversations/000001/events").size() == 2);
  CHECK(tar.document("complete.json")["conversations"] == 1);
}

TEST_CASE("a user's archive has their profile and where their devices are, and no hold") {
  crew all;
  const auto message = all.post(*all.alice, "a1");
  all.bob->ask(set_profile{erasable_text{"Bob"}, {}, erasable_text{"at sea"}, {}});
  all.bob->ask(mark_read{all.where, message, {}});
  client admin{all.it, "admin root"};
  admin.ask(hold_conversation{all.where, true});
  const auto tar = all.of_user("bob");
  const json profile = tar.document("profile.json");
  CHECK(profile["name"] == "Bob");
  CHECK(profile["text"] == "at sea");
  CHECK_FALSE(profile.contains("avatar"));
  const auto receipts = tar.lines("conversations/000001/receipts");
  REQUIRE(receipts.size() == 1);
  REQUIRE(receipts[0]["devices"].size() == 1);
  CHECK(receipts[0]["devices"][0]["device"] == "d");
  CHECK(receipts[0]["devices"][0]["read"] == message);
  for (const auto& archive : {tar, all.of_conversation("bob"), all.of_conversation({})})
    for (const auto& [entry, bytes] : archive.entries)
      CHECK(bytes.find("root") == std::string::npos);
  for (const auto& each : all.of_conversation("bob").lines("receipts"))
    CHECK_FALSE(each.contains("devices"));
  client{all.it, "dave"}.ask(set_profile{erasable_text{"Dave"}, {}, {}, {}});
  CHECK(all.of_user("dave").document("profile.json")["name"] == "Dave");
}

TEST_CASE("what was read in private is in one's own archive alone, and nobody's who is blocked") {
  crew all;
  const auto message = all.post(*all.alice, "a1");
  mark_read quietly{all.where, message, {}};
  quietly.in_private = true;
  all.bob->ask(quietly);
  const auto read_by_bob = [](const std::vector<json>& receipts) {
    for (const auto& each : receipts)
      if (each["user"] == "bob")
        return each["read"].get<std::uint64_t>();
    return std::uint64_t{0};
  };
  CHECK(read_by_bob(all.of_conversation("alice").lines("receipts")) == 1);
  CHECK(read_by_bob(all.of_conversation("bob").lines("receipts")) == message);
  CHECK(read_by_bob(all.of_conversation({}).lines("receipts")) == message);
  CHECK(read_by_bob(all.of_user("bob").lines("conversations/000001/receipts")) == message);
  all.bob->ask(block_user{user_id{"alice"}, {}});
  CHECK(read_by_bob(all.of_conversation("alice").lines("receipts")) == 0);
}

TEST_CASE("old events are exported like others, from the first one that is kept") {
  crew all;
  for (int i = 0; i < 30; ++i)
    all.post(*all.alice, "a" + std::to_string(i));
  all.alice->ask(edit_message{all.where, 3, "better"});
  all.alice->ask(erase{all.where, 5, audience::everyone});
  const auto of_bob = all.of_conversation("bob").lines("events");
  const auto of_all = all.of_conversation({}).lines("events");
  CHECK(of_bob.size() == 33);
  all.it.pass(std::chrono::seconds{2});
  REQUIRE(all.it.engine->cool(std::chrono::seconds{1}) > 0);
  CHECK(all.of_conversation("bob").lines("events") == of_bob);
  CHECK(all.of_conversation({}).lines("events") == of_all);
  update_conversation what{all.where};
  what.retention = retention_bounds{0, 10};
  all.alice->ask(std::move(what));
  for (int i = 0; i < 8; ++i)
    all.it.pass(std::chrono::milliseconds{500});
  const std::uint64_t kept_from = all.bob->ask(get_conversation{all.where})["kept_from"];
  CHECK(kept_from == 22);
  for (const auto& tar : {all.of_conversation("bob"), all.of_conversation({})}) {
    REQUIRE_FALSE(tar.lines("events").empty());
    CHECK(tar.lines("events").front()["seq"] == kept_from);
    CHECK(tar.document("complete.json")["complete"] == true);
  }
  CHECK(all.of_user("bob").lines("conversations/000001/events").front()["seq"] == kept_from);
}

TEST_CASE("an export has everything up to its beginning, in portions, whatever comes meanwhile") {
  crew all;
  const std::string body(limits::body_bytes - 100, 'b');
  for (int i = 0; i < 100; ++i)
    all.post(*all.alice, "a" + std::to_string(i), body);
  auto begun = all.begin({all.where, user_id{"bob"}});
  REQUIRE(begun);
  auto some = (*begun)->read();
  REQUIRE(some);
  CHECK(some->size() < 2 * limits::export_entry_bytes);
  all.post(*all.alice, "late", "too late");
  all.alice->ask(erase{all.where, 101, audience::everyone});
  all.it.pass(std::chrono::milliseconds{500});
  const opened_tar tar{*some + crew::rest_of(**begun)};
  CHECK(tar.has("events-000002.jsonl"));
  const auto events = tar.lines("events");
  REQUIRE(events.size() == 101);
  CHECK(events[50]["body"] == body);
  CHECK(events[100].contains("deleted")); // deleted before it was reached
}

TEST_CASE("who loses the right to read while it is read gets no end of it") {
  crew all;
  const std::string body(limits::body_bytes - 100, 'b');
  for (int i = 0; i < 200; ++i)
    all.post(*all.alice, "a" + std::to_string(i), body);
  auto begun = all.begin({all.where, user_id{"bob"}});
  auto own = all.begin({user_id{"bob"}, user_id{"bob"}});
  REQUIRE((*begun)->read());
  const auto beginning = (*own)->read();
  REQUIRE(beginning);
  all.alice->ask(remove_member{all.where, user_id{"bob"}, {}});
  all.it.pass(std::chrono::milliseconds{500});
  result<std::string> last = std::string{"more"};
  while (last && !last->empty())
    last = (*begun)->read();
  REQUIRE_FALSE(last);
  CHECK(last.error().code == error_code::not_found);
  const opened_tar tar{*beginning + crew::rest_of(**own)};
  CHECK(tar.has("complete.json"));
}

// --- Who gets one, and how many ------------------------------------------------------------------

/// Archives that have nothing in them.
class empty_exports final : public exports {
public:
  void open(export_question what, told<std::shared_ptr<export_stream>> to) override {
    asked.push_back(std::move(what));
    to(std::shared_ptr<export_stream>{});
  }
  std::vector<export_question> asked;
};

struct desk_of_test {
  crew all;
  std::shared_ptr<empty_exports> from = std::make_shared<empty_exports>();
  export_desk desk{all.it.engine->context(), from};
  std::vector<opened_export> held;

  std::string open(const std::variant<conversation_id, user_id>& what, const std::string& by,
                   bool admin = false) {
    std::string code = "nothing";
    identity who;
    who.user = user_id{by};
    who.admin = admin;
    desk.open(what, who, [&](const result<opened_export>& opened) {
      code = opened ? "ok" : std::string(describe(opened.error().code).name);
      if (opened)
        held.push_back(*opened);
      else if (code == "rate_limited")
        CHECK(opened.error().retry_after);
    });
    all.it.engine->settle();
    return code;
  }
};

TEST_CASE("an export is for members, for the user, or for administrators") {
  desk_of_test it;
  CHECK(it.open(user_id{"bob"}, "alice") == "not_found");
  CHECK(it.from->asked.empty());
  CHECK(it.open(user_id{"bob"}, "bob") == "ok");
  CHECK(it.open(user_id{"bob"}, "root", true) == "ok");
  CHECK(it.open(it.all.where, "alice") == "ok");
  REQUIRE(it.from->asked.size() == 3);
  CHECK(it.from->asked[0].reader == user_id{"bob"});
  CHECK_FALSE(it.from->asked[1].reader);
  CHECK(it.from->asked[2].reader == user_id{"alice"});
}

TEST_CASE("a user has one export at a time, and everybody together a few") {
  desk_of_test it;
  CHECK(it.open(it.all.where, "u1") == "ok");
  CHECK(it.open(it.all.where, "u1") == "rate_limited");
  for (std::size_t i = 2; i <= limits::exports_at_once; ++i)
    CHECK(it.open(it.all.where, "u" + std::to_string(i)) == "ok");
  CHECK(it.open(it.all.where, "another") == "rate_limited");
  it.held.erase(it.held.begin());
  CHECK(it.open(it.all.where, "u1") == "ok");
}

// --- HTTP ----------------------------------------------------------------------------------------

http_decision ask(const char* method, const char* target, bool with_token = true,
                  int version = 11) {
  std::vector<http_header> headers{{"Host", "chat.example.com"}};
  if (with_token)
    headers.push_back({"Authorization", "Bearer t"});
  return decide({method, target, version, headers, 0}, {}, {true, false});
}

int status(const http_decision& decided) {
  const auto* answer = std::get_if<http_answer>(&decided);
  return answer ? answer->status : 0;
}

TEST_CASE("the address of an archive names a conversation or a user") {
  const auto asked = std::get<export_request>(ask("GET", "/v1/users/a%2Fb%20c/export"));
  CHECK(std::get<user_id>(asked.what).str() == "a/b c");
  CHECK(asked.bearer == "t");
  CHECK(asked.chunked);
  const auto other = std::get<export_request>(ask("GET", "/v1/conversations/x1/export", true, 10));
  CHECK(std::get<conversation_id>(other.what).str() == "x1");
  CHECK_FALSE(other.chunked);
  CHECK(other.how.close);
  CHECK(status(ask("GET", "/v1/users/a/export", false)) == 401);
  CHECK(status(ask("POST", "/v1/users/a/export")) == 405);
  CHECK(status(ask("GET", "/v1/users/a/export?token=t")) == 400);
  for (const char* nothing : {"/v1/users//export", "/v1/users/a/b/export", "/v1/users/a/exports",
                              "/v1/users/%00/export", "/v1/users/%ff/export", "/v1/users/"})
    CHECK(status(ask("GET", nothing)) == 404);
}

TEST_CASE("an answer whose length nobody knows comes in chunks") {
  CHECK(chunk_of("hello") == "5\r\nhello\r\n");
  CHECK(chunk_of(std::string(300, 'x')).starts_with("12c\r\n"));
  CHECK(chunk_of("") == "0\r\n\r\n");
  export_request asked;
  asked.how.origin = "https://a.example";
  asked.how.request_id = "r1";
  const std::string head = answer_export(asked, {});
  CHECK(head.find("Content-Type: application/x-tar\r\n") != std::string::npos);
  CHECK(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(head.find("Content-Disposition: attachment") != std::string::npos);
  CHECK(head.find("Access-Control-Allow-Origin: https://a.example\r\n") != std::string::npos);
  CHECK(head.find("X-Request-Id: r1\r\n") != std::string::npos);
  asked.chunked = false;
  CHECK(answer_export(asked, {}).find("chunked") == std::string::npos);
}

} // namespace export_test
