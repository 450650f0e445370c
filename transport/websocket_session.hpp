// A socket that speaks Parley: reads commands while they are wanted, writes what waits, once per
// turn.
#pragma once

#include <string_view>

#include "actors/interfaces.hpp"
#include "actors/session.hpp"
#include "transport/engine_socket.hpp"
#include "transport/http_rules.hpp"
#include "transport/message_reader.hpp"
#include "transport/tcp_link.hpp"

namespace parley {

class shard;

/// The meeting of a socket, a session of the shard's state and a connection actor; ends all three.
class websocket_session final : public socket_session, public engine_socket {
public:
  websocket_session(shard& on, std::uint64_t key, link_ptr link, const upgrade& chosen);
  ~websocket_session() override;

  const connection_actor& connection() const noexcept override { return connection_; }
  socket_session& socket() noexcept override { return *this; }

  void on_readable() override;
  void on_writable() override;
  void on_deadline(instant now) override;
  void flush(instant now) override;
  void drain(instant now) override;

private:
  // --- Reading ---
  bool may_read() const noexcept;
  void pump(instant now);
  void on_message(std::string_view message, instant now);
  void fail(close_code code, std::string_view reason, instant now);

  // --- Writing ---
  void write(instant now);
  void begin_closing(instant now);
  void leave();

  // --- Time ---
  bool is_greeting() const noexcept;
  void settle(instant now);
  void check_silence(instant now);
  void check_token(instant now);
  void rest_if_silent(instant now);
  instant next_deadline(instant now) const;
  void rearm(instant now);
  bool is_ending() const noexcept { return session_.end().has_value() || writer_.finishing(); }

  shard& shard_;
  link_ptr link_;
  encoding spoken_;
  session& session_;
  connection_actor connection_;
  frame_writer writer_;
  message_reader reader_;

  instant opened_at_;
  instant heard_at_;
  instant pinged_at_;
  instant close_by_ = instant::max();
  instant rest_at_ = instant::max(); ///< When the reader rests, unless more is heard.
  instant armed_for_ = instant::max();
  bool paused_ = false;   ///< There may be input, but it is not wanted now.
  bool admitted_ = false; ///< The larger message limit is set.
  bool ended_ = false;    ///< Nothing more comes from the client.
};

} // namespace parley
