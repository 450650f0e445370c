// Parley's own protocol: envelopes of MessagePack, any number in a binary message.
#include "bench/commands.hpp"
#include "bench/connection.hpp"

namespace parley::bench {
namespace {

class ParleyDialect : public Dialect {
  Opcode opcode() const override { return Opcode::binary; }
  std::string_view subprotocol() const override { return "parley.v1.msgpack"; }
  std::string_view path() const override { return "/v1/ws"; }
  bool keeps_members() const override { return true; }

  void greet(Connection& connection) const override {
    std::string hello;
    encode_hello(hello, Connection::hello_ref, connection.account());
    connection.queue(hello);
  }

  void enter(Connection&, std::uint64_t, std::string_view) const override {} // as a member, it has

  void write_send(std::string& out, const Connection&, std::uint64_t ref,
                  std::string_view conversation, std::string_view body) const override {
    encode_send(out, ref, conversation, body);
  }

  std::size_t take(Connection& connection, std::string_view payload,
                   EnvelopeSink& sink) const override {
    MsgpackCursor cursor(payload);
    Envelope envelope;
    while (!cursor.done()) {
      if (!scan_envelope(cursor, envelope))
        connection.fail_here("malformed MessagePack from the server");
      sink.on_envelope(connection, envelope);
    }
    return payload.size();
  }
};

} // namespace

const Dialect& parley_dialect() {
  static const ParleyDialect dialect;
  return dialect;
}

} // namespace parley::bench
