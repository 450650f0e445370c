// The one translation unit that knows Beast's WebSocket stream.
#include "transport/message_reader.hpp"

#include <optional>
#include <utility>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "actors/limits.hpp"
#include "transport/outbox_stream.hpp"

namespace parley {

namespace {

namespace http = beast::http;
namespace websocket = beast::websocket;

/// The upgrade as Beast wants to see it, from what has been checked already.
http::request<http::empty_body> rebuild(const handshake& request) {
  const auto view = [](std::string_view text) {
    return beast::string_view{text.data(), text.size()};
  };
  http::request<http::empty_body> upgrade{http::verb::get, "/", 11};
  upgrade.set(http::field::host, "parley");
  upgrade.set(http::field::connection, "upgrade");
  upgrade.set(http::field::upgrade, "websocket");
  upgrade.set(http::field::sec_websocket_version, "13");
  upgrade.set(http::field::sec_websocket_key, view(request.key));
  return upgrade;
}

/// Any well-formed key: nobody sees the answer to it (RFC 6455, section 1.3).
constexpr std::string_view unseen_key = "dGhlIHNhbXBsZSBub25jZQ==";

} // namespace

class message_reader::stream {
public:
  stream(turn_queue& turns, frame_writer& out, std::span<char> scratch, std::size_t message_bytes)
      : turns_(turns), scratch_(scratch), ws_(turns, out) {
    ws_.read_message_max(message_bytes);
    ws_.auto_fragment(false);
    ws_.control_callback(
        [this](websocket::frame_type, beast::string_view payload) { on_control(payload.size()); });
  }

  void accept(const handshake& request) {
    ws_.set_option(websocket::stream_base::decorator(
        [server = std::string{request.server},
         chosen = std::string{request.subprotocol}](websocket::response_type& answer) {
          answer.set(http::field::server, server);
          if (!chosen.empty())
            answer.set(http::field::sec_websocket_protocol, chosen);
        }));
    const auto upgrade = rebuild(request);
    ws_.async_accept(upgrade, [this](beast::error_code ec) { ended_ = ended_ || ec; });
    while (turns_.run_one()) {
    }
    ws_.set_option(websocket::stream_base::decorator([](websocket::response_type&) {}));
  }

  /// For a client that was accepted long ago: it is not told again.
  void reopen() {
    layer().mute(true);
    accept({unseen_key, {}, {}});
    layer().mute(false);
  }

  void feed(std::string_view received, instant now) {
    layer().input() = received;
    if (now - second_began_ >= std::chrono::seconds{1}) {
      second_began_ = now;
      control_frames_ = 0;
    }
  }

  void keep() {
    std::string rest{layer().input()};
    kept_ = std::move(rest);
    layer().input() = kept_;
  }

  step next() {
    if (std::exchange(whole_, false))
      forget_message();
    for (;;) {
      while (turns_.run_one()) {
      }
      if (abusive_)
        return step::abusive;
      if (ended_)
        return step::ended;
      if (whole_)
        return step::message;
      if (!reading_) {
        start_read();
      } else if (!serve()) {
        std::string{}.swap(kept_);
        return step::hungry;
      }
    }
  }

  /// Everything received is used up and the client has not closed.
  bool is_hungry() noexcept {
    return reading_ && !ended_ && !abusive_ && !whole_ && layer().input().empty();
  }

  std::string_view message() const noexcept { return message_; }
  bool is_text() const noexcept { return ws_.got_text(); }
  void limit_messages(std::size_t bytes) { ws_.read_message_max(bytes); }

private:
  outbox_stream& layer() { return ws_.next_layer(); }

  void start_read() {
    reading_ = true;
    ws_.async_read_some(net::buffer(scratch_.data(), scratch_.size()),
                        [this](beast::error_code ec, std::size_t size) { on_read(ec, size); });
  }

  bool serve() {
    const std::size_t before = layer().input().size();
    if (!layer().serve())
      return false;
    overhead_ += static_cast<std::int64_t>(before - layer().input().size());
    if (overhead_ > most_overhead)
      abusive_ = true;
    return true;
  }

  void on_read(beast::error_code ec, std::size_t size) {
    reading_ = false;
    overhead_ -= static_cast<std::int64_t>(size);
    if (ec) {
      ended_ = true;
      return;
    }
    const std::string_view part{scratch_.data(), size};
    whole_ = ws_.is_message_done();
    if (whole_ && partial_.empty()) {
      message_ = part;
      return;
    }
    partial_ += part;
    message_ = partial_;
  }

  void on_control(std::size_t payload) {
    overhead_ -= static_cast<std::int64_t>(payload) + 6;
    if (++control_frames_ > limits::control_frames_per_second)
      abusive_ = true;
  }

  void forget_message() {
    message_ = {};
    overhead_ = 0;
    std::string{}.swap(partial_); // an idle session keeps no buffer
  }

  /// Received bytes that a message may have beyond its payload: the headers of its fragments, and
  /// what Beast has read ahead. Beast does not say how many fragments there were.
  static constexpr std::int64_t most_overhead = limits::fragments_per_message * 14 + 1536;

  turn_queue& turns_;
  std::span<char> scratch_;
  websocket::stream<outbox_stream, false> ws_;
  std::string kept_;
  std::string partial_;
  std::string_view message_;
  instant second_began_{};
  std::size_t control_frames_ = 0;
  std::int64_t overhead_ = 0;
  bool reading_ = false;
  bool whole_ = false;
  bool ended_ = false;
  bool abusive_ = false;
};

message_reader::message_reader(turn_queue& turns, frame_writer& out, std::span<char> scratch,
                               std::size_t message_bytes)
    : turns_(turns), out_(out), scratch_(scratch), message_bytes_(message_bytes),
      stream_(make_stream()) {}

message_reader::~message_reader() = default;

std::unique_ptr<message_reader::stream> message_reader::make_stream() {
  return std::make_unique<stream>(turns_, out_, scratch_, message_bytes_);
}

void message_reader::accept(const handshake& request) { stream_->accept(request); }

void message_reader::feed(std::string_view received, instant now) {
  if (received.empty())
    return;
  if (!stream_) {
    stream_ = make_stream();
    stream_->reopen();
    woken_ = true;
  }
  boundary_.take(received);
  stream_->feed(received, now);
}

// What only woke it for a pong goes again at once: all answer the pings of one moment together.
message_reader::step message_reader::next() {
  const step made = stream_ ? stream_->next() : step::hungry;
  if (made == step::hungry && woken_)
    rest();
  woken_ = woken_ && made == step::hungry;
  return made;
}

void message_reader::keep() {
  if (stream_)
    stream_->keep();
}

void message_reader::rest() {
  if (stream_ && stream_->is_hungry() && boundary_.between_messages())
    stream_.reset();
}

std::string_view message_reader::message() const noexcept {
  return stream_ ? stream_->message() : std::string_view{};
}

bool message_reader::is_text() const noexcept { return stream_ && stream_->is_text(); }

void message_reader::limit_messages(std::size_t bytes) {
  message_bytes_ = bytes;
  if (stream_)
    stream_->limit_messages(bytes);
}

} // namespace parley
