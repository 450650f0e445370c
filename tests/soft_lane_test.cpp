// What may be told later: one entry per key, the latest wins, within bounds, and in a session only
// once it keeps up.
#include "actors/limits.hpp"
#include "actors/session.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace soft_lane_test {

chunk_ptr piece(std::string text) { return std::make_shared<const chunk>(std::move(text)); }

std::vector<std::string> taken_from(outbox& out) {
  std::vector<std::string> all;
  for (; !out.empty(); out.pop())
    all.push_back(out.front()->msgpack());
  return all;
}

using texts = std::vector<std::string>;

/// A live session at an arbitrary moment.
struct live_session {
  instant now{};
  session it{1, encoding::msgpack, now};
  live_session() {
    it.admit({user_id{"alice"}, device_id{"d"}}, {});
    it.go_live(position{1});
  }
  void soft(const std::string& key, const std::string& text) {
    it.push_soft(key, piece(text), now);
  }
  void fill() { it.push_answer(piece(std::string(limits::outbox_bytes, 'x')), now); }
  /// The socket takes everything.
  texts take() {
    texts all;
    for (bool more = true; more; more = !it.out().empty()) {
      for (auto& each : taken_from(it.out()))
        if (each.size() < limits::outbox_bytes)
          all.push_back(std::move(each));
      it.progressed(now);
    }
    return all;
  }
};

TEST_CASE("the latest under a key takes the place of what waits there") {
  soft_lane lane;
  lane.put("a", piece("a1"));
  lane.put("b", piece("b1"));
  lane.put("a", piece("a2"));
  CHECK(lane.size() == 2);
  CHECK(lane.bytes() == 6);
  CHECK(lane.take()->msgpack() == "a2");
  CHECK(lane.take()->msgpack() == "b1");
  CHECK(lane.empty());
  CHECK(lane.bytes() == 0);
}

TEST_CASE("beyond a bound what has waited longest goes untold") {
  soft_lane lane;
  for (std::size_t i = 0; i < limits::soft_entries + 2; ++i)
    lane.put(std::to_string(i), piece(std::to_string(i)));
  CHECK(lane.size() == limits::soft_entries);
  CHECK(lane.take()->msgpack() == "2");
  lane.put("large", piece(std::string(limits::soft_bytes, 'x')));
  CHECK(lane.empty());
  CHECK(lane.bytes() == 0);
}

TEST_CASE("a session that keeps up is told at once") {
  live_session who;
  who.soft("a", "a1");
  who.soft("a", "a2");
  CHECK(taken_from(who.it.out()) == texts{"a1", "a2"});
}

TEST_CASE("a session that is behind is told the latest once it keeps up") {
  live_session who;
  who.fill();
  who.soft("a", "a1");
  who.soft("b", "b1");
  who.soft("a", "a2");
  CHECK(who.it.out().size() == 1);
  CHECK(who.it.soft_bytes() == 6);
  CHECK(who.take() == texts{"a2", "b1"});
  CHECK(who.it.soft_bytes() == 0);
  who.soft("a", "a3");
  CHECK(who.take() == texts{"a3"});
}

TEST_CASE("what waits is told behind the gaps, when they have been pulled") {
  live_session who;
  const conversation_id where{"c"};
  who.fill();
  who.it.push_events(where, sequence{7}, sequence{7}, position{9}, piece("event"), who.now);
  who.soft("a", "a1");
  CHECK(who.take().size() == 1); // the gap
  who.it.pulled(where, sequence{7}, sequence{7});
  who.it.push_answer(piece("page"), who.now);
  CHECK(who.take() == texts{"page", "a1"});
}

TEST_CASE("a session that is not live is not told") {
  instant now{};
  session who{1, encoding::msgpack, now};
  who.push_soft("a", piece("a1"), now);
  CHECK(who.out().empty());
  CHECK(who.soft_bytes() == 0);
}

TEST_CASE("no checkpoint passes what waits, and none is held by what was forgotten") {
  live_session slow;
  const conversation_id room{"room"};
  const auto wait_for = [&](const char* user, std::uint64_t before) {
    slow.it.push_soft(session::receipt_key(room, user_id{user}), piece(user), slow.now,
                      position{before});
  };
  slow.fill();
  wait_for("bob", 7);
  wait_for("bobby", 5);
  CHECK(slow.it.whole_up_to(position{9}) == position{5});
  slow.it.forget_soft(session::receipt_key(room, user_id{"bob"})); // not bobby's
  CHECK(slow.it.whole_up_to(position{9}) == position{5});
  slow.it.forget_soft(session::receipt_prefix(room));
  CHECK(slow.it.whole_up_to(position{9}) == position{9});
  wait_for("carol", 8);
  CHECK(slow.take() == texts{"carol"});
  CHECK(slow.it.whole_up_to(position{9}) == position{9});
}

} // namespace soft_lane_test
