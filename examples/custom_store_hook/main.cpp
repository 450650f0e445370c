// A hook in front of the store: an actor looks at every message before it is sent, and lets it go,
// changes it or refuses it.
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <parley/engine.hpp>

namespace {

/// Refuses advertising, and hides what looks like a telephone number. Whoever wants to ask another
/// service answers later: nobody else waits for it.
class editor : public parley::screener_actor::base {
public:
  explicit editor(caf::actor_config& config) : parley::screener_actor::base(config) {}

  behavior_type make_behavior() override {
    return {[this](const parley::screen& asked) {
      send(asked.to, parley::screened{asked.number, judge(*asked.what)});
    }};
  }

private:
  static parley::screening_verdict judge(const parley::screened_message& what) {
    if (what.body.find("buy now") != std::string::npos)
      return {parley::screening::rejected, {}, {}, "no advertising, please"};
    std::string without;
    for (const char each : what.body)
      without += each >= '0' && each <= '9' ? '#' : each;
    if (without != what.body)
      return {parley::screening::rewritten, without, {}, {}};
    return {};
  }
};

/// Says some things to itself in a group of one, and shows what became of them.
class writer : public parley::participant_actor::base {
public:
  writer(caf::actor_config& config, parley::engine& engine, std::vector<std::string> says)
      : parley::participant_actor::base(config), engine_(engine), says_(std::move(says)) {}

  behavior_type make_behavior() override {
    if (auto joined = engine_.join({parley::user_id{"dave"}}, this))
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
    me_.say(parley::create{parley::conversation_kind::group, {}, "Notes", {}, {}}, "made");
  }
  void hear(const parley::events::conversation& what) {
    if (std::exchange(has_begun_, true)) // it comes as the answer and as an event
      return;
    for (const auto& each : says_) {
      const auto name = parley::client_id{std::to_string(std::random_device{}())};
      me_.say(parley::send_message{what.id, name, each});
    }
  }
  void hear(const parley::events::message& what) { show("sent: " + what.body); }
  void hear(const parley::events::refused& what) { show("refused: " + what.why.message); }
  template <class Other>
  void hear(const Other&) {}

  void show(const std::string& line) {
    std::cout << line << std::endl;
    if (++shown_ == says_.size())
      quit();
  }

  parley::engine& engine_;
  parley::participant me_;
  std::vector<std::string> says_;
  std::size_t shown_ = 0;
  bool has_begun_ = false;
};

} // namespace

int main(int argc, char** argv) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  parley::engine_options options;
  options.data = argc > 1 ? argv[1] : "hook-data";
  options.screener = caf::actor_cast<parley::screener_actor>(system.spawn<editor>());
  options.screening.patience = std::chrono::seconds{2}; // without an answer by then ...
  options.screening.fails_open = false;                 // ... a message is not sent
  auto engine = parley::engine::start(system, std::move(options));
  if (!engine) {
    std::cerr << "no engine: " << engine.error().message << std::endl;
    return 1;
  }
  std::vector<std::string> says{"a plain note", "call 555 0100", "buy now, buy cheap"};
  caf::scoped_actor self{system};
  self->wait_for(system.spawn<writer>(std::ref(**engine), std::move(says)));
}
