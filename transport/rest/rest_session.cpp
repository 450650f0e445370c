// Who it is, what is meant, and then a turn for the engine.
#include "transport/rest/rest_session.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "actors/limits.hpp"
#include "actors/limits_of_requests.hpp"
#include "actors/log_line.hpp"
#include "transport/http_files.hpp"
#include "transport/http_manner.hpp"
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
               about, in_quotes(asked.how.request_id));
}

} // namespace

rest_session::rest_session(shard& on, std::uint64_t key, link_ptr link, rest_request asked,
                           std::string received)
    : answering_session(on, key, std::move(link), asked.how, std::move(received)),
      asked_(std::move(asked)) {
  end_by(shard::now() + limits::answer_deadline);
}

rest_session::rest_session(shard& on, std::uint64_t key, link_ptr link, rest_request asked,
                           identity who, std::string body, std::string received)
    : rest_session(on, key, std::move(link), std::move(asked), std::move(received)) {
  who_ = std::move(who);
  body_ = std::move(body);
}

void rest_session::begin() {
  const auto bearer = who_ ? result<identity>{*who_} : on().shared()->authenticate(asked_.bearer);
  const auto who = who_ ? bearer : asker_of(asked_, bearer);
  if (!who)
    return refuse(who.error());
  if (is_for_operators(*asked_.operation) && asked_.operation->method != "GET")
    note_operator(asked_, asked_.on_behalf_of.value_or(bearer->user));
  if (asked_.operation->command.empty())
    return answer_by_ourselves(*who);
  if (on().throttled() && asked_.operation->method != "GET")
    return refuse({error_code::overloaded, "the server is behind", limits::retry_when_overloaded});
  auto command = command_of(asked_, std::exchange(body_, {}));
  if (!command)
    return refuse(command.error());
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
    return refuse({error_code::forbidden, "this is for administrators", {}});
  const auto& ask = on().shared()->ask_server;
  if (!ask)
    return refuse({error_code::not_found, "there is nothing here", {}});
  ask({asked_, std::exchange(body_, {}), who.user}, back(&rest_session::on_told));
}

void rest_session::on_told(const result<std::string>& json) {
  if (!is_answered())
    reply(json ? answer_with(how(), asked_.operation->status, *json) : problem_of(json.error()));
}

void rest_session::on_turn() {
  if (session_ == nullptr || is_answered())
    return;
  for (outbox& said = session_->out(); !said.empty(); said.pop())
    if (const std::string& envelope = said.front()->msgpack(); is_answer(asked_, envelope))
      return reply(answer_rest(asked_, envelope));
  if (session_->end())
    refuse({error_code::unavailable, "", {}});
}

// What was asked may still be done: whoever asks again with the same key learns it.
void rest_session::on_too_late() {
  end_by(shard::now() + limits::close_deadline);
  auto late = problem_of({error_code::unavailable, "", {}});
  late.close = true;
  reply(std::move(late));
}

void rest_session::reply(http_answer what) {
  let_go(); // what the engine said is in the answer
  answering_session::reply(std::move(what));
}

void rest_session::let_go() {
  if (session_ == nullptr)
    return;
  tell_from_outside(connection_, connection_closed{});
  on().state().closed(std::exchange(session_, nullptr)->number());
}

} // namespace parley
