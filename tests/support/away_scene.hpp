// Notifications on their way to an endpoint that pushes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/outbox_scene.hpp"
#include "tests/support/unpack.hpp"

namespace parley::test {

/// An endpoint that pushes, and a room in which Alice has written something.
class away_scene : public outbox_scene {
public:
  explicit away_scene(std::vector<std::string> events = {"notification.*"}) {
    configure({endpoint("push", std::move(events))});
    happen({told.created("room", {"alice", "bob", "carol"}), told.message("room", "alice", "one")});
  }

  record_ptr notified(const std::string& room, const std::vector<std::string>& users) {
    std::vector<notice> notices;
    for (const auto& each : users)
      notices.push_back({user_id{each}, 1, 0, false});
    return told.notified(room, std::move(notices));
  }
  record_ptr read(const std::string& room, const std::string& user, std::uint64_t seq) {
    return told.receipts(room, {{user_id{user}, {sequence{seq}, sequence{seq}, sequence{seq}}}});
  }

  /// "bob:room:created:2": of the oldest that is under way, and it is accepted.
  std::string accept_one() {
    const webhook_delivery& what = sender->sent.front();
    const auto data = unpack(what.event);
    std::string text = data["user"].get<std::string>() + ":" +
                       data.value("conversation", std::string{"many"}) + ":" +
                       what.type.substr(what.type.find('.') + 1);
    if (data.contains("seq"))
      text += ":" + std::to_string(data["seq"].get<std::uint64_t>());
    answer(webhook_result::accepted);
    return text;
  }
  std::string accept_notices() {
    std::string text;
    settle();
    while (!sender->sent.empty())
      text += (text.empty() ? "" : " ") + accept_one();
    return text;
  }
};

} // namespace parley::test
