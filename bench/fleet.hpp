// Many connections over one epoll, in one thread: bringing them up, turning the loop, failing
// loudly.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "bench/clock.hpp"
#include "bench/connection.hpp"
#include "bench/dialect.hpp"

namespace parley::bench {

/// An answer that was waited for, copied out of the read buffer.
struct Reply {
  std::string conversation;
  std::uint64_t seq = 0;
};

class Fleet : private EnvelopeSink {
public:
  /// One connection per account; connection i signs in as accounts[i]. All must outlive the fleet.
  Fleet(const Endpoint& endpoint, std::span<const Account> accounts,
        const Dialect& dialect = parley_dialect());
  ~Fleet() override;

  /// Connects all, so many at a time, and waits until each has its `welcome`.
  void open(double patience_seconds, std::size_t at_once = connecting_at_once);
  /// Closes all, politely.
  void close();

  const Dialect& dialect() const { return dialect_; }
  std::size_t size() const { return connections_.size(); }
  Connection& operator[](std::size_t index) { return *connections_[index]; }

  /// Everything but what is a failure by itself goes to this sink; a `welcome` once it was checked.
  void listen(EnvelopeSink* sink) { listener_ = sink; }
  /// The connection to look at first when the loop is saturated: the one whose answers are timed.
  void set_urgent(Connection* connection) { urgent_ = connection; }

  /// From here on a `gap` goes to the sink as well, instead of being a failure.
  void take_gaps() { takes_gaps_ = true; }

  /// From here on so does an error that says `overloaded`.
  void take_overload() { takes_overload_ = true; }

  /// A number that no other command of this fleet has had.
  std::uint64_t next_ref() { return ++last_ref_; }
  /// Refs rise from here: for a store that is kept, whose messages have had the lower ones.
  void start_refs_after(std::uint64_t ref) { last_ref_ = ref; }

  /// Sends one WebSocket message; inside a callback about the same connection it leaves when that
  /// connection's input is used up, together with what else is queued.
  void send(Connection& connection, std::string_view envelopes);

  /// The dialect's command to send this body, for `send`; replaces what is in `out`.
  void write_send(std::string& out, const Connection& from, std::uint64_t ref,
                  std::string_view conversation, std::string_view body) const {
    out.clear();
    dialect_.write_send(out, from, ref, conversation, body);
  }

  /// Sends a command and waits for the answer with this ref.
  Reply request(Connection& connection, std::uint64_t ref, std::string_view envelope,
                double patience_seconds);
  /// Has the server's store made ready over the first connection, by the dialect's command.
  void prepare_store(double patience_seconds);
  /// Has a connection enter a conversation whose server keeps no members.
  void enter(Connection& connection, std::string_view conversation, double patience_seconds);

  /// Waits up to `wait_ns` for input and handles what there is.
  void turn(std::uint64_t wait_ns);
  /// Turns until `done`; fails with what is still `missing` when the deadline passes.
  void run_until(const std::function<bool()>& done, Deadline deadline,
                 const std::function<std::string()>& missing);
  void run_for(double seconds);

private:
  static constexpr std::size_t connecting_at_once = 100; // below any listen backlog

  void on_envelope(Connection& connection, const Envelope& envelope) override;
  void on_other(Connection& connection, const Envelope& envelope);
  void on_welcome(Connection& connection, const Envelope& envelope);
  void await_reply(double patience_seconds);
  void start_next();
  void handle(Connection& connection, std::uint32_t events);
  void read(Connection& connection);
  void flush(Connection& connection);
  void watch(Connection& connection, int operation, std::uint32_t events);

  const Endpoint& endpoint_;
  const Dialect& dialect_;
  std::vector<std::unique_ptr<Connection>> connections_;
  ReadBuffer buffer_;
  EnvelopeSink* listener_ = nullptr;
  Connection* urgent_ = nullptr;
  Connection* current_ = nullptr; // the one whose input is being handled
  Reply reply_;
  std::uint64_t awaited_ref_ = 0; // 0: no request is open
  std::uint64_t last_ref_ = Connection::hello_ref;
  std::size_t started_ = 0;
  std::size_t live_ = 0;
  bool takes_gaps_ = false;
  bool takes_overload_ = false;
  int epoll_;
};

} // namespace parley::bench
