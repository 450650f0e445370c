// What a conversation remembers of idempotency keys, and when it has to look.
#include "actors/key_memory.hpp"

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace key_memory_test {

using answer = key_memory::answer;

const conversation_id own{"c1"};

idempotency_key key(const std::string& client, const conversation_id& scope = own) {
  return {scope, user_id{"alice"}, client_id{client}};
}

known_command led_to(std::uint64_t seq) { return {{}, own, sequence{seq}, {}, {}}; }

TEST_CASE("a key nobody remembers is looked up unless memory is complete") {
  key_memory keys{own};
  CHECK(keys.ask(key("a")) == answer::look_up);
  keys.set_complete();
  CHECK(keys.ask(key("a")) == answer::unknown);
  CHECK(keys.ask(key("a", conversation_id{"elsewhere"})) == answer::look_up);
}

TEST_CASE("what a look-up found is known, what it did not find is unknown until the next one") {
  key_memory keys{own};
  keys.learn(key("a"), led_to(5));
  keys.learn(key("b"), std::nullopt);
  CHECK(keys.ask(key("a")) == answer::known);
  CHECK(keys.at(key("a")).seq == sequence{5});
  CHECK(keys.ask(key("b")) == answer::unknown);
  keys.forget_absent();
  CHECK(keys.ask(key("b")) == answer::look_up);
}

TEST_CASE("a stale look-up does not hide a key that was accepted meanwhile") {
  key_memory keys{own};
  keys.add(key("a"), led_to(5));
  keys.learn(key("a"), std::nullopt);
  CHECK(keys.ask(key("a")) == answer::known);
}

TEST_CASE("the oldest keys are forgotten, but never one that the model does not have") {
  key_memory keys{own};
  keys.set_complete();
  const std::uint64_t many = limits::keys_in_memory + 10;
  for (std::uint64_t i = 1; i <= many; ++i) {
    keys.add(key(std::to_string(i)), led_to(i));
    keys.committed(key(std::to_string(i)), position{i});
  }
  keys.trim(position{4});
  CHECK(keys.ask(key("4")) == answer::look_up);
  CHECK(keys.ask(key("5")) == answer::known);
  keys.trim(position{many});
  CHECK(keys.ask(key("10")) == answer::look_up);
  CHECK(keys.ask(key("11")) == answer::known);
}

TEST_CASE("fewer keys are kept where there is room for fewer") {
  key_memory keys{own};
  for (std::uint64_t i = 1; i <= 10; ++i) {
    keys.add(key(std::to_string(i)), led_to(i));
    keys.committed(key(std::to_string(i)), position{i});
  }
  keys.trim(position{9}, 0);
  CHECK(keys.ask(key("9")) == answer::look_up);
  CHECK(keys.ask(key("10")) == answer::known);
}

TEST_CASE("a new key needs no look-up though many were forgotten, up to a bound") {
  key_memory keys{own};
  keys.set_complete();
  std::uint64_t next = 0;
  const auto accept = [&] {
    const auto taken = key("old " + std::to_string(++next));
    keys.add(taken, led_to(next));
    keys.committed(taken, position{next});
    keys.trim(position{next});
  };
  const auto looked_up = [&](const std::string& prefix, std::uint64_t among) {
    std::uint64_t count = 0;
    for (std::uint64_t i = 1; i <= among; ++i)
      count += keys.ask(key(prefix + std::to_string(i))) == answer::look_up;
    return count;
  };
  while (next < limits::keys_in_memory + 5'000)
    accept();
  CHECK(looked_up("old ", 5'000) == 5'000);
  CHECK(looked_up("new ", 1'000) < 50);
  while (next < limits::keys_in_memory + limits::keys_told_from_new)
    accept();
  CHECK(looked_up("new ", 1'000) == 1'000);
}

TEST_CASE("what is taken for a forgotten key is looked up, and then new") {
  key_memory keys{own};
  keys.set_complete();
  for (std::uint64_t i = 1; i <= limits::keys_in_memory + 1; ++i) {
    keys.add(key(std::to_string(i)), led_to(i));
    keys.committed(key(std::to_string(i)), position{i});
  }
  keys.trim(position{limits::keys_in_memory + 1});
  REQUIRE(keys.ask(key("1")) == answer::look_up);
  keys.learn(key("1"), std::nullopt);
  CHECK(keys.ask(key("1")) == answer::unknown);
  keys.forget_absent();
  keys.learn(key("1"), led_to(1));
  CHECK(keys.ask(key("1")) == answer::known);
}

TEST_CASE("a key that did not reach the log is free again") {
  key_memory keys{own};
  keys.set_complete();
  keys.add(key("a"), led_to(5));
  keys.remove(key("a"));
  CHECK(keys.ask(key("a")) == answer::unknown);
}

} // namespace key_memory_test
