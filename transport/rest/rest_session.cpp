// Who it is, what is meant, and then a turn for the engine.
#include "transport/rest/rest_session.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits_of_requests.hpp"
#include "transport/rest/answer.hpp"
#include "transport/rest/operations.hpp"
#include "transport/rest/request.hpp"
#include "transport/shard.hpp"

namespace parley {

rest_session::rest_session(shard& on, std::uint64_t key, link_ptr link, rest_request asked,
                           std::string body, std::string received)
    : answering_session(on, key, std::move(link), {{}, asked.close}, std::move(received)),
      asked_(std::move(asked)), body_(std::move(body)) {
  end_by(shard::now() + limits::answer_deadline);
}

void rest_session::begin() {
  const edge& all = *on().shared();
  auto who = all.authenticate(asked_.bearer);
  if (!who)
    return reply(refuse_rest(asked_, who.error()));
  const auto is_another = [&](const auto& field) {
    return field.first == "user" && field.second != who->user.str();
  };
  if (asked_.operation->of_oneself &&
      std::any_of(asked_.fields.begin(), asked_.fields.end(), is_another))
    return reply(refuse_rest(asked_, {error_code::forbidden, "this is for that user alone", {}}));
  auto command = command_of(asked_, std::exchange(body_, {}));
  if (!command)
    return reply(refuse_rest(asked_, command.error()));
  shard_state& state = on().state();
  session_ = &state.open(encoding::msgpack, shard::now());
  session_->socket = static_cast<engine_socket*>(this);
  connection_ = all.spawn_visitor({on().index(), session_->number()}, std::move(*who));
  state.command(*session_, std::move(*command), shard::now());
}

void rest_session::on_turn() {
  if (session_ == nullptr || is_answered())
    return;
  if (!session_->out().empty())
    reply(answer_rest(asked_, session_->out().front()->msgpack()));
  else if (session_->end())
    reply(refuse_rest(asked_, {error_code::unavailable, "", {}}));
}

void rest_session::reply(http_answer what) {
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
