// The stream below Beast's WebSocket stream: reads come from memory, writes join the session's
// outbox.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>

#include "transport/frame_writer.hpp"
#include "transport/turn_queue.hpp"

namespace parley {

namespace beast = boost::beast;

/// An AsyncReadStream and AsyncWriteStream without a socket. Its owner feeds it what was received
/// and calls `serve`, which completes the pending read at once, on the owner's stack.
class outbox_stream {
public:
  using executor_type = turn_executor;

  outbox_stream(turn_queue& turns, frame_writer& out) noexcept : executor_(turns), out_(&out) {}

  executor_type get_executor() const noexcept { return executor_; }

  // --- For the owner ---
  /// Bytes that were received and not read; they must stay until read or fed anew.
  std::string_view& input() noexcept { return input_; }
  /// While muted, what Beast writes goes nowhere.
  void mute(bool on) noexcept { muted_ = on; }
  /// Completes a pending read from the input; false when there is nothing to do.
  bool serve() {
    if (!pending_ || input_.empty())
      return false;
    const std::unique_ptr<pending_read> read = std::move(pending_);
    input_.remove_prefix(read->complete(input_));
    return true;
  }

  // --- For Beast ---
  template <class Buffers, class Handler>
  void async_read_some(const Buffers& into, Handler&& handler) {
    pending_ = std::make_unique<read_into<Buffers, std::decay_t<Handler>>>(
        into, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& from, Handler&& handler) {
    const std::size_t size = net::buffer_size(from);
    std::string bytes(size, '\0');
    net::buffer_copy(net::buffer(bytes), from);
    take(bytes);
    executor_.execute(
        beast::bind_front_handler(std::forward<Handler>(handler), beast::error_code{}, size));
  }

private:
  struct pending_read {
    virtual ~pending_read() = default;
    virtual std::size_t complete(std::string_view input) = 0;
  };
  template <class Buffers, class Handler>
  struct read_into final : pending_read {
    template <class H>
    read_into(const Buffers& into, H&& h) : buffers(into), handler(std::forward<H>(h)) {}
    std::size_t complete(std::string_view input) override {
      const std::size_t size = net::buffer_copy(buffers, net::buffer(input.data(), input.size()));
      std::move(handler)(beast::error_code{}, size);
      return size;
    }
    Buffers buffers;
    Handler handler;
  };

  /// Beast writes whole frames; after its close frame nothing may follow.
  void take(std::string_view bytes) {
    if (muted_)
      return;
    const bool is_close = !bytes.empty() && (bytes.front() & 0x0f) == 0x08 && bytes.front() < 0;
    if (is_close)
      out_->finish(bytes);
    else
      out_->control(bytes);
  }

  executor_type executor_;
  frame_writer* out_;
  std::string_view input_;
  std::unique_ptr<pending_read> pending_;
  bool muted_ = false;
};

/// The session itself ends its socket once everything is written, so there is nothing to do here.
inline void teardown(beast::role_type, outbox_stream&, beast::error_code& ec) { ec = {}; }

template <class Handler>
void async_teardown(beast::role_type, outbox_stream& stream, Handler&& handler) {
  stream.get_executor().execute(
      beast::bind_front_handler(std::forward<Handler>(handler), beast::error_code{}));
}

inline void beast_close_socket(outbox_stream&) {}

} // namespace parley
