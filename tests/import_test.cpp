// An import: lines are decided as commands of clients are, at the moments that they say.
#include <string>
#include <vector>

#include "persistence/webhooks/outbox.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/store_of_test.hpp"
#include "tests/support/unpack.hpp"
#include "transport/main_import.hpp"

namespace parley::test {

namespace import_test {

using namespace std::chrono_literals;
using std::string;

const user_id alice{"alice"};
const user_id bob{"bob"};
const timestamp now{1'800'000'000'000ms};

const std::vector<string> talk{
    R"({"type":"create","by":"alice","at":1000,"conversation":"old","kind":"group","title":"Old","members":["bob","carol"]})",
    R"({"type":"send","by":"alice","at":2000,"conversation":"old","client_id":"1","body":"hello @bob","mentions":["bob"]})",
    R"({"type":"send","by":"bob","at":3000,"conversation":"old","client_id":"2","body":"hi","reply_to":2,"meta":{"z":1,"a":2}})",
    R"({"type":"edit","by":"bob","at":900000000,"conversation":"old","message":3,"body":"hi there"})",
    R"({"type":"react","by":"carol","at":4000,"conversation":"old","message":2,"emoji":"👍"})",
    R"({"type":"remove","by":"alice","at":5000,"conversation":"old","user":"carol"})",
    R"({"type":"create","by":"bob","at":6000,"conversation":"pair","kind":"direct","with":"alice"})",
    R"({"type":"send","by":"bob","at":7000,"conversation":"pair","client_id":"3","body":"psst"})",
    R"({"type":"set_profile","by":"bob","at":8000,"name":"Bob"})",
};

/// Why lines were refused, each, or nothing.
std::vector<string> taken(importer& work, const std::vector<string>& lines) {
  std::vector<string> refusals;
  for (const auto& line : lines)
    refusals.push_back(must(work.take(line)).value_or(""));
  return refusals;
}

struct scene : store_of_test {
  /// An import of its own, to the end.
  std::vector<string> take_in(const std::vector<string>& lines, bool read = false) {
    importer work{get().shared_from_this()};
    auto refusals = taken(work, lines);
    if (read)
      must(work.mark_all_read());
    must(work.finish(now));
    figures = work.figures();
    return refusals;
  }
  conversation_list list_of(const user_id& user) { return must(model()->list(user, {}, now)); }

  import_figures figures;
};

TEST_CASE("what happened elsewhere is there, with who and when, and the store is whole") {
  scene data;
  CHECK(data.take_in(talk) == std::vector<string>(talk.size()));
  CHECK(data.figures.lines == 9);
  const auto list = data.list_of(bob);
  REQUIRE(list.items.size() == 2);
  const auto& old = list.items[list.items[0].title == "Old" ? 0 : 1];
  CHECK(old.title == "Old");
  const auto page = must(data.model()->page(old.conversation, {sequence{1}, sequence{6}}, bob));
  REQUIRE(page.events.size() == 6);
  const auto first = unpack(page.events[1].bytes);
  CHECK(first["from"] == "alice");
  CHECK(first["at"] == 2000);
  CHECK(first["body"] == "hello @bob");
  const auto second = unpack(page.events[2].bytes);
  CHECK(second["body"] == "hi there");
  CHECK(second["meta"].dump() == R"({"a":2,"z":1})"); // the test's own order
  CHECK(unpack(page.events[5].bytes)["user"] == "carol");
  data.close();
  CHECK(problems_of(data.path()).empty());
}

TEST_CASE("the same lines again change nothing, and new ones go on") {
  scene data;
  data.take_in(talk);
  const position before = data.log()->head();
  CHECK(data.take_in(talk) == std::vector<string>(talk.size()));
  CHECK(data.log()->head() == before);
  CHECK(data.figures.records == 0);
  auto more = talk;
  more.push_back(
      R"({"type":"send","by":"alice","at":9000,"conversation":"old","client_id":"4","body":"more"})");
  data.take_in(more);
  CHECK(data.figures.records == 1);
}

TEST_CASE("everything is unread, unless it is to count as read") {
  for (const bool read : {false, true}) {
    scene data;
    data.take_in(talk, read);
    std::uint64_t unread = 0;
    for (const auto& each : data.list_of(alice).items)
      unread += each.unread;
    CHECK(unread == (read ? 0 : 2));
    data.close();
    CHECK(problems_of(data.path()).empty());
  }
}

TEST_CASE("a line that no client could have said is refused, and the others are taken") {
  scene data;
  const auto refusals = data.take_in({
      talk[0],
      "{",
      R"({"type":"send","conversation":"old","client_id":"x","body":"a","at":1})",
      R"({"type":"send","by":"alice","conversation":"old","client_id":"x","body":"a"})",
      R"({"type":"send","by":"mallory","at":1,"conversation":"old","client_id":"x","body":"a"})",
      R"({"type":"send","by":"alice","at":1,"conversation":"nowhere","client_id":"x","body":"a"})",
      R"({"type":"send","by":"alice","at":1,"conversation":"old","client_id":"x","body":""})",
      R"({"type":"send","by":"alice","at":1,"conversation":"old","body":"a"})",
      R"({"type":"history","by":"alice","at":1,"conversation":"old"})",
      R"({"type":"hello","by":"alice","at":1,"token":"t"})",
      R"({"type":"hold","by":"alice","at":1,"conversation":"old","on":true})",
      R"({"type":"send","by":"alice","at":1,"conversation":"old","client_id":"y","body":"b"})",
  });
  for (std::size_t i = 0; i < refusals.size(); ++i) {
    CAPTURE(i, refusals[i]);
    CHECK(refusals[i].empty() == (i == 0 || i + 1 == refusals.size()));
  }
  CHECK(data.figures.refused == 10);
  CHECK(refusals[4].starts_with("not_found"));
  data.close();
  CHECK(problems_of(data.path()).empty());
}

TEST_CASE("nobody is told of what was imported: not by a webhook, not by a notification") {
  scene data;
  const auto outbox_of = [&] {
    return must(webhook_outbox::open(data.path(), data.get().epoch(), data.log()->head()));
  };
  must(outbox_of()->add_endpoint("audit", data.log()->head()));
  data.take_in(talk);
  CHECK(must(outbox_of()->endpoints()).front().progress.at == data.log()->head());
  CHECK(must(data.model()->decided()).value() + 1 == data.log()->head().value());
}

TEST_CASE("many messages are written together, in batches") {
  scene data;
  std::vector<string> lines{talk[0]};
  for (int i = 0; i < 3000; ++i)
    lines.push_back(R"({"type":"send","by":"alice","at":)" + std::to_string(10'000 + i) +
                    R"(,"conversation":"old","client_id":"m)" + std::to_string(i) +
                    R"(","body":"message"})");
  CHECK(data.take_in(lines) == std::vector<string>(lines.size()));
  CHECK(data.log()->head().value() < 40);
  CHECK(data.list_of(bob).items.front().unread == 3000);
}

} // namespace import_test

} // namespace parley::test
