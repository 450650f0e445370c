// The two system calls of the edge: they never block, and tell "none now" from "never again".
#pragma once

#include <cerrno>
#include <span>

#include <sys/socket.h>
#include <sys/uio.h>

namespace parley {

/// Bytes received; 0 when there are none now, negative when the peer is gone or has ended.
inline ssize_t receive_now(int descriptor, std::span<char> into) noexcept {
  for (;;) {
    const ssize_t got = ::recv(descriptor, into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0)
      return got;
    if (got == 0)
      return -1;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
      return 0;
    if (errno != EINTR)
      return -1;
  }
}

/// Bytes taken of all the pieces together; 0 when there is no room now, negative when there never
/// will be.
inline ssize_t send_now(int descriptor, std::span<const iovec> pieces) noexcept {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  for (;;) {
    const ssize_t took = ::sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (took >= 0)
      return took;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
      return 0;
    if (errno != EINTR)
      return -1;
  }
}

} // namespace parley
