// What requests have in common that take several turns: what comes back from those who are asked,
// an answer that is written, and what becomes of the socket then.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "transport/http_rules.hpp"
#include "transport/shard_door.hpp"
#include "transport/tcp_link.hpp"

namespace parley {

class shard;

/// A socket on which one request is being answered, over several turns.
class file_session : public socket_session {
public:
  file_session(shard& on, std::uint64_t key, link_ptr link, request_manner how);
  ~file_session() override;

  void on_writable() override { write(); }

protected:
  /// Answers in full, with what every answer has; the connection goes on behind it only if nothing
  /// speaks against it.
  void answer(http_answer what);
  /// Puts in the log what is answered, and counts it; for an answer that is sent by portions.
  void note(int status) const;
  /// Sends bytes; `on_sent` follows, now or later.
  void send(std::string bytes);
  /// Everything was sent.
  virtual void on_sent() = 0;
  /// The socket is an HTTP connection again, or ends.
  void go_back(std::string received);
  void end();
  void drop();
  /// The socket, for whoever takes this one's place.
  link_ptr leave_link();
  /// Everything that is to come of this request was sent or given up.
  bool is_over() const noexcept { return is_over_; }
  /// An answer that ends this was begun.
  bool is_answered() const noexcept { return is_answered_; }
  bool closes() const noexcept { return closes_; }
  /// Bytes wait for the client to take them.
  bool is_sending() const noexcept { return !out_.empty(); }
  /// Bytes sent since this was called last.
  std::uint64_t take_sent() noexcept { return std::exchange(progress_, 0); }

  /// What is asked of others comes back to `take`, unless this is over by then.
  template <class Self, class Told>
  auto back(void (Self::*take)(const Told&)) {
    return back_to(door(), me_, [take](file_session& me, const auto& told) {
      (static_cast<Self&>(me).*take)(told);
    });
  }

  const request_manner& how() const noexcept { return how_; }
  shard& on() const noexcept { return shard_; }
  const link_ptr& link() const noexcept { return link_; }

private:
  void write();
  void leave();
  const std::shared_ptr<shard_door>& door() const noexcept;
  /// Called before this is replaced or buried.
  virtual void let_go() {}

  shard& shard_;
  link_ptr link_;
  request_manner how_;
  instant begun_;
  std::shared_ptr<file_session*> me_ = std::make_shared<file_session*>(this);
  std::string out_;
  std::size_t sent_ = 0;
  std::uint64_t progress_ = 0;
  bool is_over_ = false;
  bool is_answered_ = false;
  bool closes_ = false;
};

} // namespace parley
