// Waits for the peer, but not for long.
#include "transport/lingering_session.hpp"

#include "actors/limits.hpp"
#include "transport/shard.hpp"

namespace parley {

lingering_session::lingering_session(shard& on, std::uint64_t key, link_ptr link)
    : socket_session(key), shard_(on), link_(std::move(link)),
      deadline_(shard::now() + limits::close_deadline) {
  link_->owned_by(this);
  link_->shutdown_send();
  shard_.arm(key, deadline_);
  link_->await_readable();
}

lingering_session::~lingering_session() {
  link_->owned_by(nullptr);
  link_->close();
}

void lingering_session::on_readable() {
  if (link_->receive(shard_.receive_buffer()) < 0)
    shard_.bury(*this);
  else
    link_->await_readable();
}

void lingering_session::on_deadline(instant now) {
  if (now >= deadline_)
    shard_.bury(*this);
}

} // namespace parley
