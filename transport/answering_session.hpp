// What requests have in common that were read to their end: an answer is found, and sent as fast as
// the client takes it.
#pragma once

#include <string>

#include "transport/file_session.hpp"

namespace parley {

/// Asks others for an answer and sends it; the next portion is read once the one before is sent.
class answering_session : public file_session {
public:
  void on_readable() final {}
  void on_deadline(instant now) final;
  void flush(instant now) final;
  void drain(instant now) final;

protected:
  /// `received` is what came behind the request.
  answering_session(shard& on, std::uint64_t key, link_ptr link, request_manner how,
                    std::string received);

  /// Called once, when this is in its place.
  virtual void begin() = 0;
  /// Whether the answer goes on behind what is being sent.
  virtual bool has_more() const { return false; }
  /// Finds what is to be sent next.
  virtual void read() {}
  /// Called at the end of a turn for which this was marked, once it has begun.
  virtual void on_turn() {}
  /// What is under way is worth waiting for when the server stops.
  virtual bool finishes_soon() const { return is_answered(); }
  /// The time is over and nothing was answered.
  virtual void on_too_late() { drop(); }
  void on_sent() final;
  void reply(http_answer what);
  void refuse(const failure& why);
  /// From now on the client has a time for what it is sent.
  void set_deadline();
  /// However fast it goes, by then it has ended.
  void end_by(instant at) noexcept { ends_by_ = at; }

private:
  std::string received_;
  bool is_new_ = true;
  instant ends_by_ = instant::max();
  instant deadline_{};
};

} // namespace parley
