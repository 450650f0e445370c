// One participant for each caller; what is asked of it is answered by what it is told.
#include "engine/gateway.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "actors/command_form.hpp"
#include "engine/engine_parts.hpp"
#include "engine/gateway_guest.hpp"

namespace parley {

/// Time to look at whom nobody answers (the gateway to itself).
struct gateway_due {};

} // namespace parley

PARLEY_MESSAGE(parley::gateway_due)

namespace parley {

namespace {

using namespace std::chrono_literals;

/// How often is looked whose patience is over.
constexpr auto gateway_tick = 250ms;

using gateway_self_actor = takes_also<gateway_actor, delivery, parted, gateway_due>;

gateway::verdict verdict_of(const failure& why) {
  gateway::verdict made{std::string{describe(why.code).name}, why.message, 0};
  if (why.retry_after)
    made.retry_after_ms = static_cast<std::uint64_t>(why.retry_after->count());
  return made;
}

failure not_there() { return {error_code::unavailable, "the engine does not answer now", 1s}; }

/// What went wrong, if it did.
std::optional<gateway::verdict> refusal_in(const event& what) {
  const auto* refused = std::get_if<events::refused>(&what);
  return refused == nullptr ? std::nullopt : std::optional{verdict_of(refused->why)};
}

gateway::posted read_posted(const event& what) {
  gateway::posted made;
  if (const auto* sent = std::get_if<events::sent>(&what)) {
    made.seq = sent->seq.value();
    made.at = sent->at.time_since_epoch().count();
  }
  return made;
}

gateway::opened read_opened(const event& what) {
  gateway::opened made;
  if (const auto* there = std::get_if<events::conversation>(&what))
    made.conversation = there->id.str();
  return made;
}

gateway::pulled read_pulled(const event& what) {
  gateway::pulled made;
  if (const auto* page = std::get_if<events::page>(&what)) {
    for (const auto& each : page->items)
      made.events.push_back(to_gateway(each));
    made.has_more = page->has_more;
  }
  return made;
}

class gateway_node : public gateway_self_actor::base {
public:
  gateway_node(caf::actor_config& config, engine& of, gateway_options options)
      : gateway_self_actor::base(config), engine_(&of), options_(options) {}

  behavior_type make_behavior() override {
    await_tick();
    return {
        [this](const gateway::open_conversation& asked) {
          return ask<gateway::opened>(asked.who, to_command(asked), &read_opened);
        },
        [this](const gateway::post& asked) {
          return ask<gateway::posted>(asked.who,
                                      send_message{conversation_id{asked.conversation},
                                                   client_id{asked.client_id}, asked.body},
                                      &read_posted);
        },
        [this](const gateway::fetch& asked) { return on_fetch(asked); },
        [this](const gateway::pull& asked) {
          return ask<gateway::pulled>(
              asked.who, sync_events{conversation_id{asked.conversation}, asked.after, {}},
              &read_pulled);
        },
        [](const gateway::heartbeat& asked) { return gateway::alive{asked.number}; },
        [this](const delivery& what) { on_delivery(what); },
        [this](const parted& what) { on_parted(what); },
        [this](const gateway_due&) { on_due(); },
    };
  }

  void on_exit() override {
    for (auto& [number, each] : guests_) {
      each.part.leave();
      turn_away(each);
    }
    guests_.clear();
  }

  const char* name() const override { return "gateway"; }

private:
  using name_of_guest = std::pair<user_id, std::string>;
  using answer_reader = std::function<void(const event&)>;
  struct guest {
    name_of_guest name;
    participant part;
    std::map<std::int64_t, answer_reader> asked; ///< Bounded by what a participant may ask at once.
    fetch_buffer buffer;
    std::optional<promised_answer<gateway::fetched>> fetching;
    instant patience_ends{};
    instant heard_at{};
  };

  static create to_command(const gateway::open_conversation& asked) {
    create what;
    if (!asked.with.empty()) {
      what.kind = conversation_kind::direct;
      what.with = user_id{asked.with};
    } else {
      what.members.emplace();
      for (const auto& each : asked.members)
        what.members->emplace_back(each);
      if (!asked.title.empty())
        what.title = asked.title;
    }
    if (!asked.client_id.empty())
      what.client = client_id{asked.client_id};
    return what;
  }

  /// Has a caller's participant ask for something, and answers with what `reads` makes of it.
  template <class Answer>
  promised_answer<Answer> ask(const gateway::caller& who, command what,
                              Answer (*reads)(const event&)) {
    auto promise = make_response_promise<Answer>();
    auto from = guest_of(who, {});
    if (!from) {
      Answer refused;
      refused.how = verdict_of(from.error());
      promise.deliver(std::move(refused));
      return promise;
    }
    guest& by = **from;
    const std::int64_t ref = ++last_ref_;
    by.asked[ref] = [promise, reads](const event& told) mutable {
      Answer made = reads(told);
      if (auto wrong = refusal_in(told))
        made.how = std::move(*wrong);
      promise.deliver(std::move(made));
    };
    by.part.say(std::move(what), ref);
    return promise;
  }

  promised_answer<gateway::fetched> on_fetch(const gateway::fetch& asked) {
    auto promise = make_response_promise<gateway::fetched>();
    auto from = guest_of(asked.who, asked.cursor);
    if (from && !(*from)->buffer.goes_on_from(asked.cursor))
      from = begin_anew(**from, asked.cursor);
    if (!from) {
      gateway::fetched refused;
      refused.how = verdict_of(from.error());
      promise.deliver(std::move(refused));
      return promise;
    }
    guest& by = **from;
    if (by.fetching) // the one before was given up
      by.fetching->deliver(gateway::fetched{verdict_of(not_there()), {}, asked.cursor, false});
    by.fetching = promise;
    by.patience_ends = now() + std::min<std::chrono::milliseconds>(
                                   std::chrono::milliseconds{static_cast<std::int64_t>(
                                       std::min<std::uint64_t>(asked.patience_ms, 3'600'000))},
                                   options_.longest_patience);
    if (by.buffer.has_news())
      answer_fetch(by);
    return promise;
  }

  // --- Guests ---

  /// The guest of this caller, there already or from now on.
  result<guest*> guest_of(const gateway::caller& who, const std::string& since) {
    const context_ptr context = engine_->parts().context;
    auto known = context->authenticate(who.token, context->wall_clock());
    if (!known)
      return known.error();
    const name_of_guest name{known->user, who.device};
    auto found = numbers_.find(name);
    if (found == numbers_.end())
      return join(name, since);
    guest& there = guests_.at(found->second);
    there.heard_at = now();
    return &there;
  }

  result<guest*> join(const name_of_guest& name, const std::string& since) {
    newcomer who;
    who.user = name.first;
    who.device = device_id{name.second};
    if (!since.empty())
      who.since = since;
    auto part = engine_->join(std::move(who), handle_of<participant_actor>(this));
    if (!part)
      return part.error();
    guest& made = guests_[part->number()];
    made.name = name;
    made.part = *part;
    made.heard_at = now();
    made.buffer.begin(since);
    numbers_[name] = part->number();
    return &made;
  }

  /// The same caller wants to go on from elsewhere.
  result<guest*> begin_anew(guest& there, const std::string& since) {
    const name_of_guest name = there.name;
    there.part.leave();
    forget(there.part.number());
    return join(name, since);
  }

  /// Whoever still waits for an answer of it is told that there is none.
  void forget(std::uint64_t number) {
    auto found = guests_.find(number);
    if (found == guests_.end())
      return;
    turn_away(found->second);
    numbers_.erase(found->second.name);
    guests_.erase(found);
  }

  static void turn_away(guest& which) {
    const event over = events::refused{not_there()};
    for (auto& [ref, tell] : which.asked)
      tell(over);
    which.asked.clear();
    if (which.fetching)
      which.fetching->deliver(gateway::fetched{verdict_of(not_there()), {}, {}, false});
    which.fetching.reset();
  }

  // --- What guests are told ---

  void on_delivery(const delivery& what) {
    auto found = guests_.find(what.number);
    if (found == guests_.end())
      return;
    guest& to = found->second;
    for (const auto& each : to.part.take(what)) {
      const auto* ref = std::get_if<std::int64_t>(&each.ref);
      const auto asked = ref == nullptr ? to.asked.end() : to.asked.find(*ref);
      if (asked != to.asked.end()) {
        auto tell = std::move(asked->second);
        to.asked.erase(asked);
        tell(each.what);
      } else {
        to.buffer.take(each.what);
      }
    }
    if (to.fetching && to.buffer.has_news())
      answer_fetch(to);
    if (!to.fetching && to.buffer.waiting() > options_.most_events)
      to.buffer.give_up(); // what is asked for later is read from the store
  }

  void answer_fetch(guest& of) {
    of.fetching->deliver(of.buffer.answer());
    of.fetching.reset();
  }

  void on_parted(const parted& what) { forget(what.number); }

  void on_due() {
    std::vector<std::uint64_t> idle;
    for (auto& [number, each] : guests_) {
      if (each.fetching && now() >= each.patience_ends)
        answer_fetch(each);
      if (!each.fetching && each.asked.empty() && now() - each.heard_at > options_.idle)
        idle.push_back(number);
    }
    for (const auto number : idle) {
      guests_.at(number).part.leave();
      forget(number);
    }
    await_tick();
  }

  void await_tick() {
    tell_later(this, handle_of<gateway_self_actor>(this), gateway_tick, gateway_due{});
  }

  instant now() const { return home_system().clock().now(); }

  engine* engine_;
  gateway_options options_;
  std::map<std::uint64_t, guest> guests_; ///< By the participant's number.
  std::map<name_of_guest, std::uint64_t> numbers_;
  std::int64_t last_ref_ = 0;
};

} // namespace

gateway_actor spawn_gateway(engine& of, gateway_options options) {
  engine_parts& parts = of.parts();
  auto made = spawn_actor<gateway_node, gateway_self_actor>(parts.actors, std::ref(of), options);
  count_in(made, parts.context);
  parts.company.emplace_back([made] { end_actor(made); });
  return made;
}

} // namespace parley
