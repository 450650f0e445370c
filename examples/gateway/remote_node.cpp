// The other of two processes: takes part by questions and answers. It needs CAF and one header of
// Parley's, and may ask everything again: posts have names, and reading goes on from a cursor.
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include <caf/io/middleman.hpp>
#include <parley/gateway_interface.hpp>

namespace {

using namespace std::chrono_literals;
namespace gateway = parley::gateway;

constexpr auto patience = 10s;

/// Asks, waits, and gives the answer; what goes wrong on the way ends the program.
template <class Answer, class Question>
Answer ask(caf::scoped_actor& self, const parley::gateway_actor& whom, const Question& what) {
  Answer got;
  self->request(whom, patience, what)
      .receive([&](const Answer& answer) { got = answer; },
               [&](const caf::error& why) {
                 std::cerr << "no answer: " << self->system().render(why) << std::endl;
                 std::exit(1);
               });
  return got;
}

void check(const gateway::verdict& how) {
  if (how.code.empty())
    return;
  std::cerr << "refused: " << how.code << ": " << how.message << std::endl;
  std::exit(1);
}

void take_part(caf::scoped_actor& self, const parley::gateway_actor& there) {
  const gateway::caller me{"swordfish/erin", "remote"};
  const auto beat = ask<gateway::alive>(self, there, gateway::heartbeat{7});
  std::cout << "alive " << beat.number << std::endl;

  auto news = ask<gateway::fetched>(self, there, gateway::fetch{me, {}, 5000}); // from here on
  check(news.how);
  const auto room = ask<gateway::opened>(
      self, there, gateway::open_conversation{me, {}, "Far away", {"frank"}, "far-away"});
  check(room.how);
  const std::string name = std::to_string(std::random_device{}());
  const gateway::post words{me, room.conversation, name, "hello from another process"};
  const auto first = ask<gateway::posted>(self, there, words);
  check(first.how);
  const auto again = ask<gateway::posted>(self, there, words); // as if the answer had been lost
  std::cout << "number " << first.seq << ", and again " << again.seq << std::endl;

  for (bool is_found = false; !is_found;) {
    news = ask<gateway::fetched>(self, there, gateway::fetch{me, news.cursor, 5000});
    check(news.how);
    for (const auto& each : news.events) {
      std::cout << each.type << " " << each.seq << " " << each.body << std::endl;
      is_found = is_found || each.type == "message";
    }
  }
  const auto page = ask<gateway::pulled>(self, there, gateway::pull{me, room.conversation, 0});
  std::cout << "the room has " << page.events.size() << " events" << std::endl;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: remote_node PORT" << std::endl;
    return 2;
  }
  caf::actor_system_config config;
  config.load<caf::io::middleman>();
  config.set("middleman.heartbeat-interval", caf::timespan{1s});
  config.set("middleman.connection-timeout", caf::timespan{5s});
  parley::add_gateway_messages(config);
  caf::actor_system system{config};
  const auto port = static_cast<std::uint16_t>(std::stoul(argv[1]));
  const auto there = system.middleman().remote_actor<parley::gateway_actor>("127.0.0.1", port);
  if (!there) {
    std::cerr << "cannot connect: " << system.render(there.error()) << std::endl;
    return 1;
  }
  caf::scoped_actor self{system};
  take_part(self, *there);
}
