// Socket.IO 5 over Engine.IO 4: text packets with a digit or two in front of JSON. The peers' own
// events are `enter` and `message`; bodies hold nothing that JSON would escape.
#include <algorithm>

#include "bench/dialects/text.hpp"

namespace parley::bench {
namespace {

/// What follows `"key":` in compact JSON, up to the closing quote or the end of the number.
std::string_view value_after(std::string_view json, std::string_view key) {
  auto at = json.find(key);
  if (at == std::string_view::npos)
    return {};
  at += key.size();
  const bool quoted = at < json.size() && json[at] == '"';
  if (quoted)
    return json.substr(at + 1, json.find('"', at + 1) - at - 1);
  return json.substr(at, json.find_first_of(",}]", at) - at);
}

class SocketIoDialect : public Dialect {
  Opcode opcode() const override { return Opcode::text; }
  std::string_view path() const override { return "/socket.io/?EIO=4&transport=websocket"; }

  void greet(Connection&) const override {} // the server opens

  void enter(Connection& connection, std::uint64_t ref,
             std::string_view conversation) const override {
    std::string event = "42" + std::to_string(ref);
    connection.queue(event.append(R"(["enter",{"room":")").append(conversation).append("\"}]"));
  }

  void write_send(std::string& out, const Connection&, std::uint64_t ref,
                  std::string_view conversation, std::string_view body) const override {
    const std::string id = std::to_string(ref);
    out.append("42").append(id).append(R"(["message",{"room":")").append(conversation);
    out.append(R"(","id":)").append(id).append(R"(,"body":")").append(body).append("\"}]");
  }

  std::size_t take(Connection& connection, std::string_view packet,
                   EnvelopeSink& sink) const override {
    if (packet.starts_with("42"))
      take_event(connection, packet.substr(2), sink);
    else if (packet.starts_with("43"))
      take_answer(connection, packet.substr(2), sink);
    else if (packet == "2")
      connection.queue("3"); // the server's ping
    else if (packet.starts_with('0'))
      connection.queue("40"); // the transport is open: ask for the default namespace
    else if (packet.starts_with("40"))
      welcome(connection, sink);
    else if (packet != "6")
      connection.fail_here("not expected from Socket.IO: ", packet.substr(0, 200));
    return packet.size();
  }

  static void take_event(Connection& connection, std::string_view json, EnvelopeSink& sink) {
    if (!json.starts_with(R"(["message",)"))
      connection.fail_here("an event that is not ours: ", json.substr(0, 200));
    Envelope envelope;
    envelope.type = "message";
    envelope.conversation = value_after(json, R"("room":)");
    envelope.ref = number_in(value_after(json, R"("id":)"));
    envelope.body = value_after(json, R"("body":)");
    sink.on_envelope(connection, envelope);
  }

  /// An acknowledgement: the number of the packet it answers, then `["entered"]` or, with the row's
  /// number in the store, `["stored",17]`.
  static void take_answer(Connection& connection, std::string_view answer, EnvelopeSink& sink) {
    Envelope envelope;
    const auto json = answer.find('[');
    envelope.ref = number_in(answer.substr(0, json));
    envelope.text = answer.substr(std::min(json, answer.size()));
    envelope.type = envelope.text.starts_with(R"(["stored",)") ? "sent"
                    : envelope.text == R"(["entered"])"        ? "entered"
                                                               : "error";
    sink.on_envelope(connection, envelope);
  }
};

} // namespace

const Dialect& socketio_dialect() {
  static const SocketIoDialect dialect;
  return dialect;
}

} // namespace parley::bench
