// One WebSocket connection of one user: bytes in both directions, from connect to envelopes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/accounts.hpp"
#include "bench/dialect.hpp"
#include "bench/endpoint.hpp"
#include "bench/envelope.hpp"
#include "bench/failure.hpp"
#include "bench/websocket.hpp"

namespace parley::bench {

class EnvelopeSink {
public:
  virtual ~EnvelopeSink() = default;
  virtual void on_envelope(Connection& connection, const Envelope& envelope) = 0;
};

/// The memory all connections read into, one after another: a connection keeps only what is left of
/// an incomplete frame, so an idle one costs next to nothing and the cache stays warm.
using ReadBuffer = std::vector<char>;

class Connection {
public:
  enum class Phase : std::uint8_t { closed, connecting, upgrading, greeting, live };
  static constexpr std::uint64_t hello_ref = 1;

  Connection(std::uint32_t index, const Account& account, const Dialect& dialect)
      : account_(account), dialect_(dialect), index_(index), opcode_(dialect.opcode()) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::uint32_t index() const { return index_; }
  const std::string& user() const { return account_.user; }
  const Account& account() const { return account_; }
  int socket() const { return socket_; }
  Phase phase() const { return phase_; }
  /// When the connect was started, and when the upgrade was done and the sign-in began.
  std::uint64_t connect_ns() const { return connect_ns_; }
  std::uint64_t hello_ns() const { return hello_ns_; }

  /// WebSocket pings that have been answered.
  std::uint64_t pings() const { return pings_; }

  /// Starts a non-blocking connect; the socket becomes writable when it is decided.
  void connect(const Endpoint& endpoint);
  /// The connect is decided: sends the upgrade request, or fails.
  void connected(const Endpoint& endpoint);
  /// The server's `welcome` has come.
  void greeted() { phase_ = Phase::live; }

  /// Queues one WebSocket message; `flush` writes.
  void queue(std::string_view envelopes) { append_frame(outbox_, opcode_, envelopes); }
  bool has_output() const { return !outbox_.empty(); }
  /// Writes what the socket takes; false when some is left.
  bool flush();

  /// Reads once and hands every complete envelope to the sink. A close or an error is a failure.
  void receive(ReadBuffer& buffer, EnvelopeSink& sink);

  /// Says goodbye (1000) as far as the socket takes it, and closes.
  void close();

  /// Fails with a sentence that names this connection.
  template <class... Parts>
  [[noreturn]] void fail_here(const Parts&... parts) const {
    fail("connection ", index_, " (user ", account_.user, "): ", parts...);
  }

private:
  std::size_t read_socket(ReadBuffer& buffer);
  std::size_t take_upgrade(std::string_view bytes);
  std::size_t take_frames(std::string_view bytes, EnvelopeSink& sink);
  void take_frame(const FrameHeader& header, std::string_view payload, EnvelopeSink& sink);
  void take_message(std::string_view payload, EnvelopeSink& sink);

  const Account& account_;
  const Dialect& dialect_;
  std::string outbox_;
  std::string leftover_;  // the start of a frame that is not complete yet
  std::string fragments_; // the frames so far of a message that is not complete yet
  std::uint64_t connect_ns_ = 0;
  std::uint64_t hello_ns_ = 0;
  std::uint64_t pings_ = 0;
  int socket_ = -1;
  std::uint32_t index_;
  Opcode opcode_;
  Phase phase_ = Phase::closed;
  bool fragmented_ = false;
};

} // namespace parley::bench
