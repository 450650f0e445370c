// A bot: an actor that takes part like a person, answers who speaks to it, and goes on after a
// restart where it was.
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <parley/engine.hpp>

namespace {

using namespace parley::events;

/// Its retry would be the same command; so what a bot answers is named by what it answers.
parley::client_id name_of_answer(const message& to) {
  return parley::client_id{"answer-" + std::to_string(to.seq.value())};
}

/// Where the bot keeps how far it has got: what it was told, it has dealt with.
class bookmark {
public:
  explicit bookmark(std::string file) : file_(std::move(file)) {}
  std::optional<std::string> read() const {
    std::ifstream from{file_};
    std::string cursor;
    return std::getline(from, cursor) ? std::optional{cursor} : std::nullopt;
  }
  void write(const std::string& cursor) const { std::ofstream{file_} << cursor << '\n'; }

private:
  std::string file_;
};

/// Counts the words of every message that begins with `!words`.
class word_bot : public parley::participant_actor::base {
public:
  word_bot(caf::actor_config& config, parley::engine& engine, std::string file,
           std::function<void()> is_there)
      : parley::participant_actor::base(config), engine_(engine), place_(std::move(file)),
        is_there_(std::move(is_there)) {}

  behavior_type make_behavior() override {
    auto joined =
        engine_.join({parley::user_id{"word-bot"}, parley::device_id{"bot"}, place_.read()}, this);
    if (joined)
      me_ = *joined;
    return {
        [this](const parley::delivery& what) {
          for (const auto& each : me_.take(what))
            std::visit([this](const auto& told) { hear(told); }, each.what);
        },
        [this](const parley::parted& why) {
          std::cerr << "the bot is out: " << why.reason << std::endl;
          quit();
        },
    };
  }

private:
  void hear(const welcome&) { is_there_(); }

  void hear(const message& what) {
    constexpr std::string_view call = "!words";
    if (what.is_deleted || !what.body.starts_with(call))
      return;
    std::size_t words = 0;
    bool is_in_word = false;
    for (const char each : what.body.substr(call.size())) {
      words += !is_in_word && each != ' ' ? 1 : 0;
      is_in_word = each != ' ';
    }
    parley::send_message answer{what.conversation, name_of_answer(what),
                                std::to_string(words) + " words"};
    answer.reply_to = what.seq.value();
    me_.say(std::move(answer));
  }

  // It was behind: what it was not told is asked for, and comes as a page.
  void hear(const gap& what) {
    me_.say(parley::sync_events{what.conversation, what.from.value() - 1, {}}, "gap");
  }
  void hear(const page& what) {
    for (const auto& each : what.items)
      if (const auto* missed = std::get_if<message>(&each))
        hear(*missed);
    if (what.has_more)
      me_.say(parley::sync_events{what.conversation, what.last.value(), {}}, "gap");
  }

  void hear(const checkpoint& what) { place_.write(what.cursor); }
  void hear(const synced& what) { place_.write(what.cursor); }
  void hear(const reset& what) { place_.write(what.cursor); }

  template <class Other>
  void hear(const Other&) {}

  parley::engine& engine_;
  parley::participant me_;
  bookmark place_;
  std::function<void()> is_there_;
};

/// Makes a group with the bot, asks it something and goes.
class person : public parley::participant_actor::base {
public:
  person(caf::actor_config& config, parley::engine& engine)
      : parley::participant_actor::base(config), engine_(engine) {}

  behavior_type make_behavior() override {
    if (auto joined = engine_.join({parley::user_id{"carol"}}, this))
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
  void hear(const welcome&) {
    me_.say(parley::create{parley::conversation_kind::group,
                           {},
                           "With a bot",
                           std::vector{parley::user_id{"word-bot"}},
                           {}},
            "made");
  }
  void hear(const conversation& what) {
    if (std::exchange(has_asked_, true)) // it comes as the answer and as an event
      return;
    const auto name = parley::client_id{std::to_string(std::random_device{}())};
    me_.say(parley::send_message{what.id, name, "!words how many are these"});
  }
  void hear(const message& what) {
    if (what.from.str() != "word-bot")
      return;
    std::cout << "the bot says: " << what.body << std::endl;
    quit();
  }
  template <class Other>
  void hear(const Other&) {}

  parley::engine& engine_;
  parley::participant me_;
  bool has_asked_ = false;
};

} // namespace

int main(int argc, char** argv) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  parley::engine_options options;
  options.data = argc > 1 ? argv[1] : "bot-data";
  const std::string place = options.data.string() + ".bot-cursor";
  auto engine = parley::engine::start(system, std::move(options));
  if (!engine) {
    std::cerr << "no engine: " << engine.error().message << std::endl;
    return 1;
  }
  std::promise<void> bot_is_there;
  system.spawn<word_bot>(std::ref(**engine), place, [&] { bot_is_there.set_value(); });
  bot_is_there.get_future().wait();
  caf::scoped_actor self{system};
  self->wait_for(system.spawn<person>(std::ref(**engine)));
} // the engine parts with the bot
