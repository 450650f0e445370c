// Scenes with the whole engine: clients that ask, wait and keep what they were told.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/simulation/engine_in_memory.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/unpack.hpp"

namespace parley::test {

using nlohmann::json;

/// An engine with one shard, and clients that ask and wait.
class scene {
public:
  temporary_directory data{quick_place()};
  truth all;
  random_source random{7};
  bool limited = false; ///< Ten commands of a user per second, twenty at once.
  std::unique_ptr<engine_in_memory> engine;

  explicit scene(bool limit_rates = false) : limited(limit_rates), engine(start()) {}

  std::unique_ptr<engine_in_memory> start() {
    return std::make_unique<engine_in_memory>(data.path(), all, random, 1, limited);
  }
  void restart() {
    engine.reset();
    engine = start();
  }
  void pass(std::chrono::milliseconds time) {
    engine->advance(time);
    engine->settle();
  }
};

class client {
public:
  client(scene& in, std::string user, std::optional<std::string> since = {},
         std::string device = "d")
      : in_(in), session_(in.engine->shard(0).open()) {
    greeting_ = ask(hello{std::move(user), device_id{std::move(device)}, std::move(since)});
  }

  void say(command what) { in_.engine->shard(0).say(session_, {++ref_, std::move(what)}); }
  json ask(command what) {
    say(std::move(what));
    in_.engine->settle();
    return last();
  }
  void receive() {
    for (const auto& bytes : in_.engine->shard(0).take(session_, 1'000'000))
      for (auto& each : unpack_all(bytes))
        got_.push_back(std::move(each));
  }
  /// Everything that came without being an answer, and forgets it.
  std::vector<json> events() {
    in_.engine->settle();
    receive();
    std::vector<json> events;
    for (auto& each : std::exchange(got_, {}))
      if (!each.contains("ref") && each["type"] != "checkpoint")
        events.push_back(std::move(each));
    return events;
  }
  std::vector<std::string> types() {
    std::vector<std::string> names;
    for (const auto& each : events())
      names.push_back(each["type"]);
    return names;
  }
  json post(const json& where, const std::string& id, const std::string& body = "hi") {
    return ask(send_message{conversation_id{where.get<std::string>()}, client_id{id}, body});
  }
  /// The answer to what was asked last, once it is there.
  json last() {
    receive();
    for (const auto& each : got_)
      if (each.contains("ref") && each["ref"] == ref_)
        return each;
    return {};
  }
  const json& greeting() const { return greeting_; }
  bool has_ended() {
    receive();
    return in_.engine->shard(0).has_ended(session_);
  }
  void close() { in_.engine->shard(0).close(session_); }

private:
  scene& in_;
  std::uint64_t session_;
  std::int64_t ref_ = 0;
  std::vector<json> got_;
  json greeting_;
};

inline json make_group(client& by, std::vector<user_id> members) {
  return by.ask(
      create{conversation_kind::group, {}, "Crew", std::move(members), {}})["conversation"];
}

using names = std::vector<std::string>;

} // namespace parley::test
