// XMPP over WebSocket (RFC 7395): one stanza a message, SASL PLAIN, bind, rooms of XEP-0045. A send
// is acknowledged by its own reflection, which the room sends out once the archive has it.
#include "bench/dialects/text.hpp"

namespace parley::bench {
namespace {

constexpr std::string_view rooms = "@conference.localhost";
constexpr std::string_view open =
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
constexpr std::string_view bind =
    "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";

/// The value of an attribute of the first tag; ` id=` with whatever quotes follow.
std::string_view attribute(std::string_view stanza, std::string_view name_and_equals) {
  const auto tag = stanza.substr(0, stanza.find('>'));
  auto at = tag.find(name_and_equals);
  if (at == std::string_view::npos || at + name_and_equals.size() >= tag.size())
    return {};
  at += name_and_equals.size();
  const auto end = tag.find(tag[at], at + 1);
  return tag.substr(at + 1, end == std::string_view::npos ? 0 : end - at - 1);
}

std::string base64(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < text.size() ? static_cast<std::uint8_t>(text[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out.push_back(i + k > text.size() ? '=' : digits[group >> (18 - 6 * k) & 63]);
  }
  return out;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

class XmppDialect : public Dialect {
  Opcode opcode() const override { return Opcode::text; }
  std::string_view subprotocol() const override { return "xmpp"; }
  std::string_view path() const override { return "/ws"; }

  void greet(Connection& connection) const override { connection.queue(open); }

  /// Enters the room, then asks it something: the answer comes behind what entering brings.
  void enter(Connection& connection, std::uint64_t ref,
             std::string_view conversation) const override {
    const std::string room = std::string(conversation).append(rooms);
    connection.queue("<presence to='" + room + "/" + connection.user() +
                     "'><x xmlns='http://jabber.org/protocol/muc'>"
                     "<history maxstanzas='0'/></x></presence>");
    connection.queue("<iq type='get' id='" + std::to_string(ref) + "' to='" + room +
                     "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
  }

  void write_send(std::string& out, const Connection&, std::uint64_t ref,
                  std::string_view conversation, std::string_view body) const override {
    out.append("<message type='groupchat' id='").append(std::to_string(ref)).append("' to='");
    out.append(conversation).append(rooms).append("'><body>").append(body);
    out.append("</body></message>");
  }

  std::size_t take(Connection& connection, std::string_view stanza,
                   EnvelopeSink& sink) const override {
    if (stanza.starts_with("<message "))
      take_message(connection, stanza, sink);
    else if (stanza.starts_with("<iq "))
      take_answer(connection, stanza, sink);
    else if (stanza.starts_with("<presence"))
      take_presence(connection, stanza);
    else
      sign_in(connection, stanza);
    return stanza.size();
  }

  static void sign_in(Connection& connection, std::string_view stanza) {
    if (stanza.starts_with("<open"))
      return;
    if (stanza.starts_with("<success"))
      return connection.queue(open);
    if (!stanza.starts_with("<stream:features"))
      connection.fail_here("not expected from XMPP: ", stanza.substr(0, 300));
    if (!contains(stanza, "<mechanisms"))
      return connection.queue(bind);
    std::string secret("\0", 1);
    secret.append(connection.user()).append("\0", 1).append("any");
    std::string auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>";
    connection.queue(auth.append(base64(secret)).append("</auth>"));
  }

  /// A reflected message; `from` is ROOM@conference.localhost/USER.
  static void take_message(Connection& connection, std::string_view stanza, EnvelopeSink& sink) {
    const auto from = attribute(stanza, " from=");
    const auto body = stanza.find("<body>");
    if (attribute(stanza, " type=") != "groupchat")
      connection.fail_here("not expected from XMPP: ", stanza.substr(0, 300));
    if (body == std::string_view::npos)
      return; // the room's subject
    Envelope envelope;
    envelope.ref = number_in(attribute(stanza, " id="));
    envelope.conversation = from.substr(0, from.find('@'));
    envelope.body = stanza.substr(body + 6, stanza.find("</body>", body) - body - 6);
    if (from.ends_with(connection.user())) {
      envelope.type = "sent";
      sink.on_envelope(connection, envelope);
    }
    envelope.type = "message";
    sink.on_envelope(connection, envelope);
  }

  static void take_answer(Connection& connection, std::string_view stanza, EnvelopeSink& sink) {
    const auto id = attribute(stanza, " id=");
    Envelope envelope;
    envelope.type = attribute(stanza, " type=") != "result" ? "error"
                    : id == "bind"                          ? "welcome"
                                                            : "entered";
    envelope.ref = id == "bind" ? Connection::hello_ref : number_in(id);
    envelope.user = connection.user();
    envelope.text = stanza;
    sink.on_envelope(connection, envelope);
  }

  static void take_presence(Connection& connection, std::string_view stanza) {
    if (attribute(stanza, " type=") == "error")
      connection.fail_here("the room refused: ", stanza.substr(0, 500));
  }
};

} // namespace

const Dialect& xmpp_dialect() {
  static const XmppDialect dialect;
  return dialect;
}

} // namespace parley::bench
