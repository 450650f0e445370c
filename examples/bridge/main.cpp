// A bridge: takes a conversation's events into the protocol of other actors, and what these say
// into the conversation.
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <parley/engine.hpp>

// --- The other actors' protocol: knows nothing of Parley -----------------------------------------

/// A line of a room, by its number.
struct room_line {
  std::uint64_t number;
  std::string who;
  std::string text;
};
/// A line is otherwise now; empty: it is gone.
struct room_line_changed {
  std::uint64_t number;
  std::string text;
};
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(room_line)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(room_line_changed)
using room_screen = caf::typed_actor<caf::reacts_to<room_line>, caf::reacts_to<room_line_changed>>;

/// Something to be said in the room.
struct room_said {
  std::string text;
};
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(room_said)

namespace {

using namespace parley::events;

/// The bridge: a participant on one side, and on the other an actor that takes `room_said`.
using bridge_actor = parley::participant_actor::extend<caf::reacts_to<room_said>>;

class bridge : public bridge_actor::base {
public:
  bridge(caf::actor_config& config, parley::engine& engine, room_screen screen)
      : bridge_actor::base(config), engine_(engine), screen_(std::move(screen)) {}

  behavior_type make_behavior() override {
    if (auto joined = engine_.join({parley::user_id{"bridge"}, parley::device_id{"bridge"}}, this))
      me_ = *joined;
    return {
        [this](const parley::delivery& what) {
          for (const auto& each : parley::participant::read(what))
            std::visit([this](const auto& told) { hear(told); }, each.what);
          me_.took(); // once all of it was passed on
        },
        [this](const parley::parted&) { quit(); },
        [this](const room_said& what) { say(what.text); },
    };
  }

private:
  void say(const std::string& text) {
    if (room_.empty())
      return waiting_.push_back(text);
    const auto name = parley::client_id{std::to_string(std::random_device{}())};
    me_.say(parley::send_message{room_, name, text});
  }

  void hear(const welcome&) {
    parley::create room{parley::conversation_kind::group, {}, "The room", {}, {}};
    room.client = parley::client_id{"the-room"}; // the same room, however often it is asked for
    me_.say(std::move(room), "room");
  }
  void hear(const conversation& what) {
    room_ = what.id;
    for (const auto& each : std::exchange(waiting_, {}))
      say(each);
  }

  void hear(const message& what) {
    if (what.conversation == room_ && !what.is_deleted)
      send(screen_, room_line{what.seq.value(), what.from.str(), what.body});
  }
  void hear(const edited& what) {
    if (what.conversation == room_)
      send(screen_, room_line_changed{what.message.value(), what.body});
  }
  void hear(const erased& what) {
    if (what.conversation == room_)
      send(screen_, room_line_changed{what.message.value(), {}});
  }
  void hear(const gap& what) {
    me_.say(parley::sync_events{what.conversation, what.from.value() - 1, {}}, "gap");
  }
  void hear(const page& what) {
    for (const auto& each : what.items)
      std::visit([this](const auto& missed) { hear(missed); }, each);
  }
  template <class Other>
  void hear(const Other&) {}

  parley::engine& engine_;
  parley::participant me_;
  room_screen screen_;
  parley::conversation_id room_;
  std::vector<std::string> waiting_;
};

/// An actor of the other protocol: shows lines, and has seen enough after some.
class screen : public room_screen::base {
public:
  screen(caf::actor_config& config, int lines) : room_screen::base(config), left_(lines) {}

  behavior_type make_behavior() override {
    return {
        [this](const room_line& line) {
          std::cout << line.who << ": " << line.text << std::endl;
          if (--left_ == 0)
            quit();
        },
        [](const room_line_changed& line) {
          std::cout << "line " << line.number << " is now: " << line.text << std::endl;
        },
    };
  }

private:
  int left_;
};

} // namespace

int main(int argc, char** argv) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  parley::engine_options options;
  options.data = argc > 1 ? argv[1] : "bridge-data";
  auto engine = parley::engine::start(system, std::move(options));
  if (!engine) {
    std::cerr << "no engine: " << engine.error().message << std::endl;
    return 1;
  }
  const auto shown = caf::actor_cast<room_screen>(system.spawn<screen>(2));
  const auto between = system.spawn<bridge>(std::ref(**engine), shown);
  caf::anon_send(between, room_said{"one line from the other side"});
  caf::anon_send(between, room_said{"and another one"});
  caf::scoped_actor self{system};
  self->wait_for(shown);
}
