// An actor system that is there already starts an engine, and two of its actors chat.
#include <functional>
#include <future>
#include <iostream>
#include <random>
#include <string>
#include <utility>

#include <parley/engine.hpp>

namespace {

/// A name for one command that nobody has used before: saying it again would be a retry.
parley::client_id fresh_name() {
  std::random_device random;
  return parley::client_id{std::to_string(random()) + "-" + std::to_string(random())};
}

/// Opens a conversation with a friend and says hello, or waits for that and answers; then it has
/// said enough.
class chatter : public parley::participant_actor::base {
public:
  chatter(caf::actor_config& config, parley::engine& engine, std::string name, std::string other,
          bool begins, std::function<void()> is_there)
      : parley::participant_actor::base(config), engine_(engine), name_(std::move(name)),
        other_(std::move(other)), begins_(begins), is_there_(std::move(is_there)) {}

  behavior_type make_behavior() override {
    auto joined = engine_.join({parley::user_id{name_}}, this);
    if (joined)
      me_ = *joined;
    else
      quit();
    return {
        [this](const parley::delivery& what) {
          for (const auto& each : me_.take(what)) // in order; the next ones come after this
            std::visit([this](const auto& told) { hear(told); }, each.what);
        },
        [this](const parley::parted&) { quit(); },
    };
  }

private:
  void hear(const parley::events::welcome&) {
    is_there_();
    if (begins_)
      me_.say(
          parley::create{parley::conversation_kind::direct, parley::user_id{other_}, {}, {}, {}},
          "opened");
  }

  // The answer to `create`; and an event, which tells everyone who joined what they are in now.
  void hear(const parley::events::conversation& what) {
    if (begins_ && !std::exchange(has_begun_, true))
      me_.say(parley::send_message{what.id, fresh_name(), "Hello " + other_ + "!"}, "said");
  }

  void hear(const parley::events::message& what) {
    if (what.from.str() == name_)
      return; // one's own come back with their number, as everybody's do
    std::cout << name_ << " reads: " << what.body << std::endl;
    if (begins_)
      return quit();
    me_.say(parley::send_message{what.conversation, fresh_name(), "Hello " + other_ + ", too."},
            "said");
  }

  // It is on disk, and nobody has seen it before.
  void hear(const parley::events::sent& what) {
    std::cout << name_ << " said it: number " << what.seq.value() << std::endl;
    if (!begins_)
      quit();
  }

  void hear(const parley::events::refused& what) {
    std::cerr << name_ << " is refused: " << what.why.message << std::endl;
    quit();
  }

  template <class Other>
  void hear(const Other&) {}

  parley::engine& engine_;
  parley::participant me_;
  std::string name_;
  std::string other_;
  bool begins_;
  bool has_begun_ = false;
  std::function<void()> is_there_;
};

} // namespace

int main(int argc, char** argv) {
  caf::actor_system_config config;
  caf::actor_system system{config};

  parley::engine_options options;
  options.data = argc > 1 ? argv[1] : "chat-data";
  options.log = [](parley::log_level, std::string_view line) { std::cerr << line << '\n'; };
  auto engine = parley::engine::start(system, std::move(options));
  if (!engine) {
    std::cerr << "no engine: " << engine.error().message << std::endl;
    return 1;
  }

  caf::scoped_actor self{system};
  std::promise<void> bob_is_there; // who comes later is told what happens from then on
  auto bob = system.spawn<chatter>(std::ref(**engine), "bob", "alice", false,
                                   [&] { bob_is_there.set_value(); });
  bob_is_there.get_future().wait();
  auto alice = system.spawn<chatter>(std::ref(**engine), "alice", "bob", true, [] {});
  self->wait_for(alice, bob);
} // the engine ends first, then the actor system
