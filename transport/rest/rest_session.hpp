// A socket whose request is a command of the engine.
#pragma once

#include <optional>
#include <string>

#include "actors/session.hpp"
#include "transport/answering_session.hpp"
#include "transport/engine_socket.hpp"

namespace parley {

/// Puts one command to the engine, as a connection that says nothing else would, and answers with
/// what comes back.
class rest_session final : public answering_session, private engine_socket {
public:
  /// Of somebody whose token has not been looked at. `received` is what came behind the request.
  rest_session(shard& on, std::uint64_t key, link_ptr link, rest_request asked,
               std::string received);
  /// Of somebody who is known, with a body that is whole.
  rest_session(shard& on, std::uint64_t key, link_ptr link, rest_request asked, identity who,
               std::string body, std::string received);
  ~rest_session() override { let_go(); }

private:
  void begin() override;
  void on_turn() override;
  bool finishes_soon() const override { return session_ != nullptr || is_answered(); }
  void let_go() override;
  void on_too_late() override;
  void answer_by_ourselves(const identity& who);
  void on_told(const result<std::string>& json);
  void reply(http_answer what);

  const connection_actor& connection() const noexcept override { return connection_; }
  socket_session& socket() noexcept override { return *this; }

  rest_request asked_;
  std::optional<identity> who_; ///< Once the token was looked at.
  std::string body_;
  session* session_ = nullptr; ///< Once the command is under way.
  connection_actor connection_;
};

} // namespace parley
