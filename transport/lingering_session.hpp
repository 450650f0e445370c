// The last of a socket: everything is sent, and the peer's end is waited for so that none of it is
// lost.
#pragma once

#include "transport/tcp_link.hpp"

namespace parley {

class shard;

/// Half-closes and throws away what still arrives. Closing at once would make the kernel reset the
/// connection when there is unread input, and the peer might never see our last bytes.
class lingering_session final : public socket_session {
public:
  lingering_session(shard& on, std::uint64_t key, link_ptr link);
  ~lingering_session() override;

  void on_readable() override;
  void on_writable() override {}
  void on_deadline(instant now) override;
  void drain(instant) override {}

private:
  shard& shard_;
  link_ptr link_;
  instant deadline_;
};

} // namespace parley
