// Clients of a whole engine: what they ask and what they are told.
#include "tests/support/engine_scene.hpp"

#include <utility>

#include "tests/support/unpack.hpp"

namespace parley::test {

scene::scene(bool limit_rates) : limited(limit_rates), engine(start()) {}
scene::~scene() = default;

std::unique_ptr<engine_in_memory> scene::start() {
  return std::make_unique<engine_in_memory>(data.path(), all, random, 1, limited, retention,
                                            windows);
}

void scene::restart() {
  engine.reset();
  engine = start();
}

void scene::pass(std::chrono::milliseconds time) {
  engine->advance(time);
  engine->settle();
}

client::client(scene& in, std::string user, std::optional<std::string> since, std::string device)
    : in_(in), session_(in.engine->shard(0).open()) {
  greeting_ = ask(hello{std::move(user), device_id{std::move(device)}, std::move(since)});
}

void client::say(command what) { in_.engine->shard(0).say(session_, {++ref_, std::move(what)}); }

json client::ask(command what) {
  say(std::move(what));
  in_.engine->settle();
  return last();
}

void client::receive() {
  for (const auto& bytes : in_.engine->shard(0).take(session_, 1'000'000))
    for (auto& each : unpack_all(bytes))
      got_.push_back(std::move(each));
}

std::vector<json> client::events() {
  in_.engine->settle();
  receive();
  std::vector<json> events;
  for (auto& each : std::exchange(got_, {}))
    if (!each.contains("ref") && each["type"] != "checkpoint")
      events.push_back(std::move(each));
  return events;
}

std::vector<std::string> client::types() {
  std::vector<std::string> names;
  for (const auto& each : events())
    names.push_back(each["type"]);
  return names;
}

json client::post(const json& where, const std::string& id, const std::string& body) {
  return ask(send_message{conversation_id{where.get<std::string>()}, client_id{id}, body});
}

json client::last() {
  receive();
  for (const auto& each : got_)
    if (each.contains("ref") && each["ref"] == ref_)
      return each;
  return {};
}

bool client::has_ended() {
  receive();
  return in_.engine->shard(0).has_ended(session_);
}

void client::close() { in_.engine->shard(0).close(session_); }

json make_group(client& by, std::vector<user_id> members) {
  return by.ask(
      create{conversation_kind::group, {}, "Crew", std::move(members), {}})["conversation"];
}

} // namespace parley::test
