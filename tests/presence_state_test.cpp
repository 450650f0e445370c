// Presence as tables: how sessions merge, what ends by itself, what is written down.
#include "actors/presence_state.hpp"

#include "actors/limits.hpp"
#include "actors/watchers.hpp"
#include "tests/support/catch.hpp"

using namespace parley;
using namespace std::chrono_literals;

namespace presence_state_test {

using enum presence_status;

const timestamp noon{std::chrono::hours{12}};

/// A user's presence, and the two clocks that run together.
struct person {
  presence_state state;
  std::chrono::milliseconds elapsed{};

  moment now() const { return {instant{elapsed}, noon + elapsed}; }
  void wait(std::chrono::milliseconds time) {
    elapsed += time;
    state.pass(now());
  }
  bool arrive(std::uint64_t number, const std::string& device) {
    return state.arrive({0, number}, device_id{device}, now()).ok();
  }
  void say(std::uint64_t number, presence_status status, std::optional<std::string> text = {}) {
    state.set({0, number}, {status, std::move(text)}, now());
  }
  void leave(std::uint64_t number) { state.leave({0, number}, now()); }
  void renew(std::uint64_t number, const std::string& device) {
    state.renew({0, number}, device_id{device}, now());
  }
  presence_view view() const { return state.view(now().steady); }
  /// As one word: the status, with the text behind a colon.
  std::string shown() const {
    const presence_view seen = view();
    return std::string(to_string(seen.status)) + (seen.text.empty() ? "" : ":" + seen.text);
  }
  /// Seconds after noon at which the user was seen last, as others are told; -1 when they are not.
  double last_seen() const {
    const auto at = view().last_seen;
    return at ? std::chrono::duration<double>(*at - noon).count() : -1;
  }
};

TEST_CASE("the statuses of several sessions merge into one") {
  struct row {
    std::vector<std::optional<presence_status>> said; ///< Per session; nothing was said in some.
    std::string shown;
  };
  const std::vector<row> table{
      {{}, "offline"},
      {{std::nullopt}, "online"},
      {{online}, "online"},
      {{away}, "away"},
      {{busy}, "busy"},
      {{invisible}, "offline"},
      {{away, away}, "away"},
      {{away, std::nullopt}, "online"},
      {{online, away}, "online"},
      {{away, busy}, "busy"},
      {{std::nullopt, busy}, "busy"},
      {{busy, online, away}, "busy"},
      {{online, invisible}, "offline"},
      {{invisible, busy, online}, "offline"},
  };
  for (const auto& [said, shown] : table) {
    CAPTURE(said.size(), shown);
    for (const bool reversed : {false, true}) {
      person who;
      for (std::size_t i = 0; i < said.size(); ++i) {
        const auto& each = said[reversed ? said.size() - 1 - i : i];
        who.arrive(i + 1, "d" + std::to_string(i));
        if (each)
          who.say(i + 1, *each);
      }
      CHECK(who.shown() == shown);
    }
  }
}

TEST_CASE("the text is the latest among those whose status is shown") {
  person who;
  who.arrive(1, "phone");
  who.arrive(2, "desk");
  who.say(1, busy, "in a meeting");
  CHECK(who.shown() == "busy:in a meeting");
  who.say(2, online, "here");
  CHECK(who.shown() == "busy:in a meeting");
  who.say(2, busy, "writing");
  CHECK(who.shown() == "busy:writing");
  who.say(2, busy);
  CHECK(who.shown() == "busy");
  who.leave(2);
  CHECK(who.shown() == "busy:in a meeting");
}

TEST_CASE("a user is offline ten seconds after the last session ended, and was seen when it did") {
  person who;
  who.arrive(1, "phone");
  who.arrive(2, "desk");
  who.say(2, away, "lunch");
  who.wait(1s);
  who.leave(1);
  CHECK(who.shown() == "away:lunch");
  who.wait(1s);
  who.leave(2);
  CHECK(who.shown() == "away:lunch");
  CHECK(who.last_seen() == -1);
  who.wait(limits::presence_grace - 1ms);
  CHECK(who.shown() == "away:lunch");
  CHECK_FALSE(who.state.is_quiet());
  who.wait(1ms);
  CHECK(who.shown() == "offline");
  CHECK(who.last_seen() == 2);
  CHECK(who.state.is_quiet());
}

TEST_CASE("a device that comes back goes on with what it had said") {
  person who;
  who.arrive(1, "phone");
  who.say(1, invisible);
  who.leave(1);
  who.wait(5s);
  who.arrive(2, "phone");
  CHECK(who.shown() == "offline");
  who.arrive(3, "phone"); // before the old connection is known to be dead
  who.leave(2);
  CHECK(who.shown() == "offline");
  who.leave(3);
  who.arrive(4, "desk");
  CHECK(who.shown() == "online");
  who.wait(limits::presence_grace);
  who.arrive(5, "phone");
  CHECK(who.shown() == "online");
}

TEST_CASE("hiding takes effect at once and leaves no later trace") {
  person who;
  who.arrive(1, "phone");
  who.wait(3s);
  who.say(1, invisible);
  CHECK(who.shown() == "offline");
  CHECK(who.last_seen() == 3);
  CHECK(who.state.take_seen() == noon + 3s);
  for (int i = 0; i < 100; ++i) {
    who.wait(limits::session_renewal);
    who.renew(1, "phone");
  }
  who.leave(1);
  who.wait(1min);
  CHECK(who.last_seen() == 3);
  CHECK_FALSE(who.state.take_seen());
}

TEST_CASE("a session that is not renewed ends by itself") {
  person who;
  who.arrive(1, "phone");
  who.arrive(2, "desk");
  for (int i = 0; i < 4; ++i) {
    who.wait(limits::session_renewal);
    who.renew(2, "desk");
  }
  CHECK(who.state.sessions().size() == 1);
  CHECK(who.shown() == "online");
  who.wait(limits::session_lease - 1ms);
  CHECK(who.state.sessions().size() == 1);
  who.wait(1ms);
  CHECK(who.state.sessions().empty());
  CHECK(who.shown() == "online");
  who.wait(limits::presence_grace);
  CHECK(who.shown() == "offline");
  CHECK(who.last_seen() == 80); // when it was heard of last
}

TEST_CASE("a renewal brings back a session that was taken for dead, with its status") {
  person who;
  who.arrive(1, "phone");
  who.say(1, busy);
  who.wait(limits::session_lease);
  CHECK(who.state.sessions().empty());
  who.renew(1, "phone");
  CHECK(who.state.sessions().size() == 1);
  CHECK(who.shown() == "busy");
}

TEST_CASE("what has to be done next is known") {
  person who;
  CHECK_FALSE(who.state.next_due());
  who.arrive(1, "phone");
  CHECK(who.state.next_due() == instant{limits::session_lease});
  who.wait(1s);
  who.renew(1, "phone");
  CHECK(who.state.next_due() == instant{limits::session_lease + 1s});
  who.leave(1);
  CHECK(who.state.next_due() == instant{limits::presence_grace + 1s});
  who.wait(limits::presence_grace);
  CHECK_FALSE(who.state.next_due());
}

TEST_CASE(
    "when a user was seen is written down at the first renewal, now and then, and at the end") {
  person who;
  who.arrive(1, "phone");
  CHECK_FALSE(who.state.take_seen());
  int written = 0;
  for (auto time = 0s; time < 2 * limits::seen_interval; time += limits::session_renewal) {
    who.wait(limits::session_renewal);
    who.renew(1, "phone");
    written += who.state.take_seen().has_value();
  }
  CHECK(written == 2);
  who.wait(1s);
  who.leave(1);
  CHECK(who.state.take_seen() == noon + who.elapsed);
  CHECK_FALSE(who.state.take_seen());
}

TEST_CASE("what the store knows is older than what happened meanwhile") {
  person who;
  CHECK_FALSE(who.state.knows_last_seen());
  who.arrive(1, "phone");
  who.say(1, invisible);
  who.state.learn_last_seen(noon - 1h);
  CHECK(who.last_seen() == 0);
  person other;
  other.state.learn_last_seen(noon - 1h);
  CHECK(other.state.knows_last_seen());
  CHECK(other.last_seen() == -3600);
}

TEST_CASE("a user has so many devices and sessions at once and not one more") {
  person who;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < limits::devices_per_user; ++i)
    CHECK(who.arrive(++number, "d" + std::to_string(i)));
  CHECK_FALSE(who.arrive(++number, "another"));
  while (who.state.sessions().size() < limits::sessions_per_user)
    REQUIRE(who.arrive(++number, "d0")); // the same device again is fine
  CHECK_FALSE(who.arrive(++number, "d0"));
  who.leave(2); // the only one of "d1"
  CHECK(who.arrive(++number, "another"));
  who.wait(limits::session_lease); // nobody renewed anything
  CHECK(who.arrive(++number, "yet another"));
}

// --- Watchers ------------------------------------------------------------------------------------

const user_id alice{"alice"};
const user_id bob{"bob"};
const session_address bobs{0, 7};

/// Who of the two is told by `take`: "friends", "strangers" or "nobody".
std::string told(watchers& of, watchers::news what, const membership_marks& marks,
                 watchers::whom which = watchers::whom::all) {
  const auto to = of.take(what, which, marks);
  return !to.friends.empty() ? "friends" : !to.strangers.empty() ? "strangers" : "nobody";
}

TEST_CASE("nobody is told before it is known whether they share a conversation") {
  membership_marks marks;
  watchers all{alice};
  all.add(bob, bobs);
  CHECK(told(all, {1, 2}, marks) == "nobody");
  const auto asked = all.to_ask(watchers::whom::all, marks);
  CHECK(asked.others == std::vector{bob});
  all.learn(asked, {position{5}, {bob}, asked.others.size()});
  CHECK(all.to_ask(watchers::whom::all, marks).others.empty());
  CHECK(told(all, {1, 2}, marks) == "friends");
}

TEST_CASE("a change that goes back to what was told last is not told") {
  membership_marks marks;
  watchers all{alice};
  all.add(bob, bobs);
  {
    const auto every = all.to_ask(watchers::whom::all, marks);
    all.learn(every, {position{5}, {bob}, every.others.size()});
  }
  CHECK(told(all, {1, 2}, marks) == "friends");
  CHECK(told(all, {1, 2}, marks) == "nobody");
  CHECK(told(all, {3, 2}, marks, watchers::whom::pending) == "nobody");
  CHECK(told(all, {3, 2}, marks) == "friends");
  all.add(bob, bobs); // asks again: is told again
  CHECK(told(all, {3, 2}, marks, watchers::whom::pending) == "friends");
  CHECK(told(all, {0, 2}, marks) == "nobody"); // not known yet
}

TEST_CASE("what was read of memberships is good until one of either changes") {
  membership_marks marks;
  watchers all{alice};
  all.add(bob, bobs);
  {
    const auto every = all.to_ask(watchers::whom::all, marks);
    all.learn(every, {position{5}, {bob}, every.others.size()});
  }
  CHECK(told(all, {1, 2}, marks) == "friends");
  for (const auto& whose : {alice, bob}) {
    const position changed = marks.newest().next();
    marks.changed(whose, position{changed.value() + 10});
    CHECK(told(all, {3, 2}, marks) == "nobody");
    const auto asked = all.to_ask(watchers::whom::all, marks);
    CHECK(asked.at_least == marks.newest());
    all.learn(asked, {marks.newest(), {}, asked.others.size()});
    CHECK(told(all, {3, 2}, marks) == (whose == alice ? "strangers" : "nobody"));
  }
}

TEST_CASE("everyone may watch themselves") {
  membership_marks marks;
  watchers all{alice};
  all.add(alice, bobs);
  CHECK(all.to_ask(watchers::whom::all, marks).others.empty());
  CHECK(told(all, {1, 2}, marks) == "friends");
  all.remove(alice, bobs);
  CHECK(all.empty());
}

TEST_CASE("when a user was seen last is shown as they have settled it") {
  person who;
  who.arrive(1, "phone");
  who.leave(1);
  who.wait(limits::presence_grace);
  CHECK_FALSE(who.state.knows_last_seen()); // whether it is shown is not known yet
  who.state.learn_last_seen(noon - 1h, false);
  CHECK(who.state.knows_last_seen());
  CHECK_FALSE(who.state.view(instant{} + 1h).last_seen);
  who.state.show_last_seen(true);
  CHECK(who.last_seen() == 0);
  who.state.show_last_seen(false);
  who.state.learn_last_seen(noon - 1h, true); // read before that was said
  CHECK_FALSE(who.state.view(instant{} + 1h).last_seen);
}

} // namespace presence_state_test
