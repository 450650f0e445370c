// A conversation of two of which the oldest messages go.
#pragma once

#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/engine_scene.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

struct keeping_crew {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  conversation_id where{make_group(alice, {user_id{"bob"}}).get<std::string>()};

  std::uint64_t post(client& who, const std::string& id) {
    return who.post(where.str(), id, "body of " + id)["seq"];
  }
  void post_many(client& who, const std::string& name, int count) {
    for (int i = 0; i < count; ++i)
      post(who, name + std::to_string(i));
  }
  json keep(std::uint64_t days, std::uint64_t messages) {
    update_conversation what{where};
    what.retention = retention_bounds{days, messages};
    return alice.ask(std::move(what));
  }
  /// Time for what is over the bounds to go, with all its rows.
  void wait() {
    for (int i = 0; i < 8; ++i)
      it.pass(std::chrono::milliseconds{500});
  }
  /// Days in which nobody is there: sessions end meanwhile.
  void pass_days(int days) {
    for (int i = 0; i < days * 24; ++i)
      it.pass(std::chrono::hours{1});
    wait();
  }
  json listed(client& who) { return who.ask(list_conversations{})["items"][0]; }
  std::uint64_t kept_from() {
    const json is = client{it, "alice"}.ask(get_conversation{where});
    return is.value("kept_from", std::uint64_t{0});
  }
  std::size_t rows(const std::string& table) {
    std::size_t count = 0;
    for (const auto& [key, value] : dump(it.engine->model()))
      count += key.starts_with(table + "/") ? 1 : 0;
    return count;
  }
  /// Ends the engine and has the store checked.
  void check_store() {
    CHECK(it.engine->failures().empty());
    it.engine.reset();
    CHECK(problems_of(it.data.path()) == "");
    it.engine = it.start();
  }
};

} // namespace parley::test
