// What differs between the servers this client measures: how they are greeted, asked and
// understood.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/websocket.hpp"

namespace parley::bench {

class Connection;
class EnvelopeSink;

/// One object serves all connections, so it remembers nothing about any of them. Everything that
/// comes in leaves as envelopes:
/// - `welcome` with Connection::hello_ref and the user, once the connection is signed in,
/// - `sent` with the ref of a send that the server has accepted and stored,
/// - `message` with conversation, body, and its number (`seq`) or the ref it was sent with,
/// - any other type with the ref of a command that is done, or `error`.
class Dialect {
public:
  virtual ~Dialect() = default;

  virtual Opcode opcode() const = 0; // text or binary, of all messages both ways
  virtual std::string_view subprotocol() const { return {}; } // empty: none is offered
  virtual std::string_view path() const { return "/"; }
  /// True when members are stored on the server, so that whoever signs in is told of everything.
  virtual bool keeps_members() const { return false; }

  /// The upgrade is done: queues what a client says first, if that is not the server.
  virtual void greet(Connection& connection) const = 0;

  /// True when the server's store has to be made ready by a command, which `prepare` queues, to be
  /// answered with this ref.
  virtual bool needs_preparing() const { return false; }
  virtual void prepare(Connection&, std::uint64_t) const {}
  /// Queues what lets the connection have all messages of a conversation from now on, to be
  /// answered with this ref.
  virtual void enter(Connection& connection, std::uint64_t ref,
                     std::string_view conversation) const = 0;
  /// Appends a message for the conversation's store and its members, to be answered with `sent`.
  virtual void write_send(std::string& out, const Connection& from, std::uint64_t ref,
                          std::string_view conversation, std::string_view body) const = 0;

  /// Reads a WebSocket message, answers what the protocol itself asks, and hands the rest to the
  /// sink. Returns how many bytes it took; what is left is put before the next message.
  virtual std::size_t take(Connection& connection, std::string_view payload,
                           EnvelopeSink& sink) const = 0;
};

const Dialect& parley_dialect();
const Dialect& socketio_dialect();
const Dialect& xmpp_dialect();
const Dialect& nats_dialect();

} // namespace parley::bench
