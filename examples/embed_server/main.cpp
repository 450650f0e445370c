// A whole server inside a program: clients come over sockets, and an actor of the program takes
// part beside them.
#include <iostream>
#include <random>
#include <string>
#include <utility>

#include <parley/server.hpp>

namespace {

/// Makes a group, and says that the server is there.
class greeter : public parley::participant_actor::base {
public:
  greeter(caf::actor_config& config, parley::engine& engine)
      : parley::participant_actor::base(config), engine_(engine) {}

  behavior_type make_behavior() override {
    if (auto joined = engine_.join({parley::user_id{"greeter"}}, this))
      me_ = *joined;
    return {
        [this](const parley::delivery& what) {
          for (const auto& each : me_.take(what))
            std::visit([this](const auto& told) { hear(told); }, each.what);
        },
        [this](const parley::parted&) { quit(); },
    };
  }

private:
  void hear(const parley::events::welcome&) {
    me_.say(parley::create{parley::conversation_kind::group, {}, "Everyone", {}, {}}, "made");
  }
  void hear(const parley::events::conversation& what) {
    if (std::exchange(has_greeted_, true)) // it comes as the answer and as an event
      return;
    const auto name = parley::client_id{std::to_string(std::random_device{}())};
    me_.say(parley::send_message{what.id, name, "the server is there"}, "said");
  }
  void hear(const parley::events::message& what) {
    std::cout << what.from.str() << ": " << what.body << std::endl;
    quit();
  }
  template <class Other>
  void hear(const Other&) {}

  parley::engine& engine_;
  parley::participant me_;
  bool has_greeted_ = false;
};

} // namespace

int main(int argc, char** argv) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  parley::serve_options options;
  options.data = argc > 1 ? argv[1] : "server-data";
  options.listen = "127.0.0.1:0";
  parley::server_surroundings around;
  around.actors = &system;
  around.log = [](parley::log_level, std::string_view line) { std::cerr << line << '\n'; };
  auto server = parley::running_server::start(options, around);
  if (!server) {
    std::cerr << "no server: " << server.error().message << std::endl;
    return 1;
  }
  std::cout << "listens on " << (*server)->where() << std::endl;
  caf::scoped_actor self{system};
  self->wait_for(system.spawn<greeter>(std::ref((*server)->inside())));
  (*server)->drain(); // says good-bye to whoever is there
}
