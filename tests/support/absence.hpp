// Somebody writes, others have been there and are gone: what notifications are for.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "actors/limits_of_notices.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/engine_scene.hpp"

namespace parley::test {

/// Alice is there; whoever has been with her in `where` has no device.
struct scene_of_absence {
  scene it;
  client alice{it, "alice"};
  conversation_id where = {};

  std::uint64_t write(client& who, const conversation_id& in, const std::string& id,
                      std::optional<std::vector<user_id>> mentions = {}) {
    send_message what{in, client_id{id}, "body of " + id};
    what.mentions = std::move(mentions);
    const json sent = who.ask(std::move(what));
    CHECK(code_of(sent) == "sent");
    return sent["seq"];
  }
  std::uint64_t write(const std::string& id, std::optional<std::vector<user_id>> mentions = {}) {
    return write(alice, where, id, std::move(mentions));
  }
  /// Long enough for whoever has not read to be told.
  void wait() { it.pass(limits::notify_after + std::chrono::seconds{1}); }
  json as(const std::string& user, command what) {
    client asking{it, user, {}, "asking"};
    json told = asking.ask(std::move(what));
    asking.close();
    it.engine->settle();
    return told;
  }
  /// What the user's list has, asked by a device that is away again before anything is decided.
  json list_of(const std::string& user, std::optional<bool> unseen = {}) {
    return as(user, list_notifications{{}, {}, unseen});
  }
  json items_of(const std::string& user) { return list_of(user)["items"]; }
  std::string checked() {
    it.engine.reset();
    return check_of(it.data.path()).text;
  }
};

inline std::vector<json> of_type(const std::vector<json>& events, const std::string& type) {
  std::vector<json> found;
  for (const auto& each : events)
    if (each["type"] == type)
      found.push_back(each);
  return found;
}

} // namespace parley::test
