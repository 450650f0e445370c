// TLS over one non-blocking socket: the same receiving and sending as without, handshake included.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <sys/uio.h>

#include "transport/tls_context.hpp"

namespace parley {

/// OpenSSL reads from the socket itself but writes into memory here, from where it goes to the
/// socket in one call. So nothing that is encrypted is ever encrypted again, and what the caller
/// wants to send next is its own choice, as with a plain socket. Stays where it was made.
class tls_channel {
public:
  tls_channel(const tls_context& under, int descriptor);
  tls_channel(const tls_channel&) = delete;
  tls_channel& operator=(const tls_channel&) = delete;

  /// Decrypted bytes; 0 when there are none now, as during the handshake, which this carries on;
  /// negative when the peer is gone, has ended, or does not speak TLS.
  ssize_t receive(std::span<char> into) noexcept;

  /// `receive` has something to tell that the socket will not become readable for.
  bool has_more() const noexcept { return has_more_; }

  /// Bytes taken of all the pieces together; 0 when it takes none now, negative when it never will.
  ssize_t send(std::span<const iovec> pieces);

  /// Sends what waits as far as there is room. True when nothing waits.
  bool flush() noexcept;
  /// Encrypted bytes wait for room in the socket, at most 64 KiB.
  bool owes() const noexcept { return !waiting_.empty(); }

  /// Says that nothing more will be sent (close_notify), unless that was said or cannot be.
  void finish() noexcept;
  /// The peer has said so.
  bool peer_finished() const noexcept { return ended_; }

  // --- For OpenSSL ---
  /// Encrypted bytes from the socket; as `receive_now`, but within what one `receive` may read.
  ssize_t pull(std::span<char> into) noexcept;
  /// Keeps encrypted bytes for `flush`; false when too many wait.
  bool put(std::string_view bytes) noexcept;

private:
  bool decrypt(std::span<char> into, std::size_t& got) noexcept;
  bool encrypt(std::string_view text);
  bool is_established() const noexcept;

  tls_context::connection ssl_;
  int descriptor_;
  std::string waiting_;
  std::size_t allowance_ = 0;
  bool has_more_ = false;
  bool ended_ = false; ///< The peer said that it sends nothing more.
  bool broken_ = false;
};

} // namespace parley
