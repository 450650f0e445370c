// Who it is, what is meant, and then a turn for the engine.
#include "transport/rest/rest_session.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include <spdlog/spdlog.h>

#include "actors/limits.hpp"
#include "actors/limits_of_requests.hpp"
#include "actors/log_line.hpp"
#include "transport/rest/answer.hpp"
#include "transport/rest/operations.hpp"
#include "transport/rest/request.hpp"
#include "transport/shard.hpp"

namespace parley {

namespace {

/// Whoever acts as an operator is found in the log.
void note_operator(const rest_request& asked, const user_id& by) {
  std::string about;
  for (const auto& [name, value] : asked.fields)
    about.append(" ").append(name).append("=").append(in_quotes(value));
  spdlog::info("operator_acts operation={} by={}{} id={}", asked.operation->id, in_quotes(by.str()),
               about, in_quotes(asked.request_id));
}

/// The moment and the socket: good enough to find a request again in two logs.
std::string new_request_id(std::uint32_t shard, std::uint64_t socket) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::array<char, 24> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(),
                    std::chrono::duration_cast<std::chrono::microseconds>(now).count(), 36)
          .ptr;
  return std::string(digits.data(), end) + "-" + std::to_string(shard) + "-" +
         std::to_string(socket);
}

} // namespace

rest_session::rest_session(shard& on, std::uint64_t key, link_ptr link, rest_request asked,
                           std::string received)
    : answering_session(on, key, std::move(link), {{}, asked.close}, std::move(received)),
      asked_(std::move(asked)), begun_(shard::now()) {
  end_by(begun_ + limits::answer_deadline);
}

rest_session::rest_session(shard& on, std::uint64_t key, link_ptr link, rest_request asked,
                           identity who, std::string body, std::string received)
    : rest_session(on, key, std::move(link), std::move(asked), std::move(received)) {
  who_ = std::move(who);
  body_ = std::move(body);
}

void rest_session::begin() {
  if (asked_.request_id.empty())
    asked_.request_id = new_request_id(on().index(), key());
  const auto bearer = who_ ? result<identity>{*who_} : on().shared()->authenticate(asked_.bearer);
  const auto who = who_ ? bearer : asker_of(asked_, bearer);
  if (!who)
    return refuse_now(who.error());
  if (is_for_operators(*asked_.operation) && asked_.operation->method != "GET")
    note_operator(asked_, asked_.on_behalf_of.value_or(bearer->user));
  if (asked_.operation->command.empty())
    return answer_by_ourselves(*who);
  if (on().throttled() && asked_.operation->method != "GET")
    return refuse_now(
        {error_code::overloaded, "the server is behind", limits::retry_when_overloaded});
  auto command = command_of(asked_, std::exchange(body_, {}));
  if (!command)
    return refuse_now(command.error());
  shard_state& state = on().state();
  session_ = &state.open(encoding::msgpack, shard::now());
  session_->socket = static_cast<engine_socket*>(this);
  if (!asked_.operation->event.empty())
    session_->go_live(state.at()); // it hears of what it asked for, and is subscribed to nothing
  connection_ = on().shared()->spawn_visitor({on().index(), session_->number()}, *who);
  state.command(*session_, std::move(*command), shard::now());
}

void rest_session::answer_by_ourselves(const identity& who) {
  if (!who.admin)
    return refuse_now({error_code::forbidden, "this is for administrators", {}});
  const auto& ask = on().shared()->ask_server;
  if (!ask)
    return refuse_now({error_code::not_found, "there is nothing here", {}});
  ask({asked_, std::exchange(body_, {}), who.user}, back(&rest_session::on_told));
}

void rest_session::on_told(const result<std::string>& json) {
  if (!is_answered())
    reply(json ? answer_rest_with(asked_, *json) : refuse_rest(asked_, json.error()));
}

void rest_session::on_turn() {
  if (session_ == nullptr || is_answered())
    return;
  for (outbox& said = session_->out(); !said.empty(); said.pop())
    if (const std::string& envelope = said.front()->msgpack(); is_answer(asked_, envelope))
      return reply(answer_rest(asked_, envelope));
  if (session_->end())
    refuse_now({error_code::unavailable, "", {}});
}

// A signature takes long to judge, so whoever has no good one connects for each, as often as its
// address may.
void rest_session::refuse_now(const failure& why) {
  auto refused = refuse_rest(asked_, why);
  refused.close = refused.close || refused.status == 401;
  reply(std::move(refused));
}

// What was asked may still be done: whoever asks again with the same key learns it.
void rest_session::on_too_late() {
  end_by(shard::now() + limits::close_deadline);
  auto late = refuse_rest(asked_, {error_code::unavailable, "", {}});
  late.close = true;
  reply(std::move(late));
}

void rest_session::reply(http_answer what) {
  let_go(); // what the engine said is in the answer
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(shard::now() - begun_);
  spdlog::debug("http_request id={} trace={} operation={} status={} took_us={}",
                in_quotes(asked_.request_id), asked_.trace_id.empty() ? "-" : asked_.trace_id,
                asked_.operation->id, what.status, took.count());
  of(on().shared()->metrics->http_answers, class_of(what)).add();
  what.close = what.close || on().draining_until().has_value();
  set_deadline();
  answer(what, asked_.head_only ? "HEAD" : "GET");
}

void rest_session::let_go() {
  if (session_ == nullptr)
    return;
  tell_from_outside(connection_, connection_closed{});
  on().state().closed(std::exchange(session_, nullptr)->number());
}

} // namespace parley
