// Names of events, patterns, and when an attempt is repeated: tables and virtual time.
#include "actors/webhook_rules.hpp"

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"

namespace parley::test {

namespace webhook_rules_test {

using namespace std::chrono_literals;
using webhook_rules::judge;
using webhook_rules::trouble;

constexpr timestamp start{1'700'000'000'000ms};

webhook_answer refused(std::optional<std::chrono::seconds> retry_after = {}) {
  return {1, webhook_result::refused, retry_after, "status 500"};
}

TEST_CASE("every event with a number has a type, and nothing else has") {
  for (int i = 0; i <= static_cast<int>(last_record_kind); ++i) {
    const auto kind = static_cast<record_kind>(i);
    CHECK(webhook_rules::type_of(kind).empty() == !is_numbered(kind));
  }
  CHECK(webhook_rules::type_of(record_kind::created) == "conversation.created");
  CHECK(webhook_rules::type_of(record_kind::erased) == "message.deleted");
  CHECK(webhook_rules::type_of(record_kind::pinned) == "conversation.event");
}

TEST_CASE("patterns are types, families, or everything") {
  struct row {
    const char* pattern;
    bool message, edited, left, pinned, receipts;
  };
  for (const auto& each : {
           row{"*", true, true, true, true, false},
           row{"message.*", true, true, false, false, false},
           row{"message.created", true, false, false, false, false},
           row{"member.*", false, false, true, false, false},
           row{"conversation.event", false, false, false, true, false},
       }) {
    CAPTURE(each.pattern);
    webhook_endpoint who{"a"};
    who.events = {each.pattern};
    CHECK(webhook_rules::is_pattern(each.pattern));
    CHECK(webhook_rules::wants(who, record_kind::message) == each.message);
    CHECK(webhook_rules::wants(who, record_kind::edited) == each.edited);
    CHECK(webhook_rules::wants(who, record_kind::left) == each.left);
    CHECK(webhook_rules::wants(who, record_kind::pinned) == each.pinned);
    CHECK(webhook_rules::wants(who, record_kind::receipts) == each.receipts);
  }
  for (const auto* each : {"", ".*", "**", "message", "message.", "message.cre*", "m.*"})
    CHECK_FALSE(webhook_rules::is_pattern(each));
}

TEST_CASE("notifications have types of their own, which have to be asked for") {
  using webhook_rules::notice_news;
  CHECK(webhook_rules::type_of(notice_news::made) == "notification.created");
  CHECK(webhook_rules::type_of(notice_news::over) == "notification.withdrawn");
  struct row {
    const char* pattern;
    bool made, over;
  };
  for (const auto& each :
       {row{"*", false, false}, row{"message.*", false, false}, row{"notification.*", true, true},
        row{"notification.created", true, false}, row{"notification.withdrawn", false, true}}) {
    CAPTURE(each.pattern);
    webhook_endpoint who{"a"};
    who.events = {each.pattern};
    CHECK(webhook_rules::is_pattern(each.pattern));
    CHECK(webhook_rules::wants(who, notice_news::made) == each.made);
    CHECK(webhook_rules::wants(who, notice_news::over) == each.over);
    if (each.made || each.over)
      CHECK_FALSE(webhook_rules::wants(who, record_kind::message));
  }
}

std::string id_of_notice(const conversation_id& room, const user_id& user, std::uint64_t at,
                         webhook_rules::notice_news what) {
  return webhook_rules::id_of("life", "audit", {room, user, position{at}}, what);
}

TEST_CASE(
    "an event's name differs by store, endpoint, conversation and number, and never changes") {
  const conversation_id room{"room"};
  const auto name = webhook_rules::id_of("life", "audit", room, sequence{7});
  CHECK(name == webhook_rules::id_of("life", "audit", room, sequence{7}));
  CHECK(name == "msg_b5816a90edfc7efb1f68eaa045a04ef2");
  CHECK(name != webhook_rules::id_of("other", "audit", room, sequence{7}));
  CHECK(name != webhook_rules::id_of("life", "audi", room, sequence{7}));
  CHECK(name != webhook_rules::id_of("life", "audit", conversation_id{"roo"}, sequence{7}));
  CHECK(name != webhook_rules::id_of("life", "audit", room, sequence{8}));
  const user_id bob{"bob"};
  using webhook_rules::notice_news;
  const auto notice = id_of_notice(room, bob, 7, notice_news::made);
  CHECK(notice == id_of_notice(room, bob, 7, notice_news::made));
  CHECK(notice != name);
  CHECK(notice != id_of_notice(room, user_id{"bo"}, 7, notice_news::made));
  CHECK(notice != id_of_notice(room, bob, 8, notice_news::made));
  CHECK(notice != id_of_notice(room, bob, 7, notice_news::over)); // both may be of one batch
}

TEST_CASE("the bound of the delay doubles from a second to an hour") {
  trouble now;
  for (const auto& most :
       {1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 512s, 1024s, 2048s, 3600s, 3600s, 3600s}) {
    const auto ms = static_cast<std::uint64_t>(std::chrono::milliseconds{most}.count());
    CHECK(judge(refused(), now, start, start, ms).again == start + most);
    CHECK(judge(refused(), now, start, start, 0).again == start);
    CHECK(judge(refused(), now, start, start, ms + 1).again == start);
    now = judge(refused(), now, start, start, ms).now;
  }
  CHECK(now == trouble{15, start});
  now.failures = 1'000'000;
  CHECK(judge(refused(), now, start, start, 3'600'000).again == start + 1h);
}

TEST_CASE("what the endpoint asks for is granted, up to a day") {
  CHECK(judge(refused(90s), {}, start, start, 500).again == start + 90s);
  CHECK(judge(refused(0s), {}, start, start, 500).again == start + 500ms);
  CHECK(judge(refused(240h), {}, start, start, 500).again == start + 24h);
}

TEST_CASE("after a day of failures an event is given up") {
  const trouble since_start{9, start};
  CHECK(judge(refused(), since_start, start, start + 24h - 1ms, 0).again);
  CHECK_FALSE(judge(refused(), since_start, start, start + 24h, 0).again);
  // One that came later has a day of its own, and so has one that nobody tried before.
  CHECK(judge(refused(), since_start, start + 1h, start + 24h, 0).again);
  CHECK(judge(refused(), {}, start, start + 72h, 0).again);
  CHECK(judge(refused(), since_start, start, start - 1h, 0).now.since == start - 1h);
}

} // namespace webhook_rules_test

} // namespace parley::test
