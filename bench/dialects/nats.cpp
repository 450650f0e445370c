// NATS: its line protocol as a stream of bytes in binary messages; a room is a subject that a
// JetStream stream records. The reply subject of a publish holds its ref, so that the stream's
// acknowledgement and every delivery are known by it.
#include <algorithm>
#include <utility>

#include "bench/dialects/text.hpp"

namespace parley::bench {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view room_prefix = "room.";

/// The next word of a line, which is taken from it.
std::string_view next_word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

/// `_INBOX.USER.REF`, where the user alone listens.
void append_inbox(std::string& out, const Connection& from, std::uint64_t ref) {
  out.append("_INBOX.").append(from.user()).append(".").append(std::to_string(ref));
}

std::uint64_t ref_of_inbox(std::string_view subject) {
  return number_in(subject.substr(subject.rfind('.') + 1));
}

class NatsDialect : public Dialect {
  Opcode opcode() const override { return Opcode::binary; }

  void greet(Connection&) const override {} // the server begins, with INFO

  /// One stream for all rooms, in files, that acknowledges what it has written.
  bool needs_preparing() const override { return true; }
  void prepare(Connection& connection, std::uint64_t ref) const override {
    std::string command;
    write_publish(command, "$JS.API.STREAM.CREATE.rooms", connection, ref,
                  R"({"name":"rooms","subjects":["room.*"],"storage":"file"})");
    connection.queue(command);
  }

  /// What we publish to ourselves behind the subscription comes back once that is in force.
  void enter(Connection& connection, std::uint64_t ref,
             std::string_view conversation) const override {
    std::string commands = "SUB room.";
    commands.append(conversation).append(" 1\r\nPUB ");
    append_inbox(commands, connection, ref);
    connection.queue(commands.append(" 0\r\n\r\n"));
  }

  void write_send(std::string& out, const Connection& from, std::uint64_t ref,
                  std::string_view conversation, std::string_view body) const override {
    out.append("PUB ").append(room_prefix).append(conversation).append(" ");
    append_inbox(out, from, ref);
    append_payload(out, body);
  }

  static void write_publish(std::string& out, std::string_view subject, const Connection& from,
                            std::uint64_t ref, std::string_view body) {
    out.append("PUB ").append(subject).append(" ");
    append_inbox(out, from, ref);
    append_payload(out, body);
  }

  static void append_payload(std::string& out, std::string_view body) {
    out.append(" ").append(std::to_string(body.size())).append(line_end);
    out.append(body).append(line_end);
  }

  std::size_t take(Connection& connection, std::string_view bytes,
                   EnvelopeSink& sink) const override {
    std::size_t taken = 0;
    for (;;) {
      const std::size_t size = take_one(connection, bytes.substr(taken), sink);
      if (size == 0)
        return taken;
      taken += size;
    }
  }

  /// One line and its payload, if it has one; returns their bytes, 0 when they are not all there.
  static std::size_t take_one(Connection& connection, std::string_view bytes, EnvelopeSink& sink) {
    const auto end = bytes.find(line_end);
    if (end == std::string_view::npos)
      return 0;
    const std::size_t size = end + line_end.size();
    if (!bytes.starts_with("MSG ")) {
      take_line(connection, bytes.substr(0, end), sink);
      return size;
    }
    std::string_view line = bytes.substr(4, end - 4);
    const auto subject = next_word(line);
    next_word(line); // the subscription
    auto last = next_word(line);
    const auto reply = line.empty() ? std::string_view{} : std::exchange(last, line);
    const std::size_t payload = number_in(last);
    if (bytes.size() < size + payload + line_end.size())
      return 0;
    take_message(connection, subject, reply, bytes.substr(size, payload), sink);
    return size + payload + line_end.size();
  }

  static void take_line(Connection& connection, std::string_view line, EnvelopeSink& sink) {
    if (line == "PING")
      connection.queue("PONG\r\n");
    else if (line.starts_with("INFO ")) {
      if (connection.phase() == Connection::Phase::greeting)
        sign_in(connection);
    } else if (line == "PONG")
      welcome(connection, sink);
    else
      connection.fail_here("not expected from NATS: ", line.substr(0, 200));
  }

  static void sign_in(Connection& connection) {
    std::string hello = R"(CONNECT {"verbose":false,"pedantic":false,"lang":"c++",)"
                        R"("version":"1","protocol":1,"headers":false})";
    hello.append("\r\nSUB _INBOX.").append(connection.user()).append(".* 2\r\nPING\r\n");
    connection.queue(hello);
  }

  static void take_message(Connection& connection, std::string_view subject, std::string_view reply,
                           std::string_view payload, EnvelopeSink& sink) {
    Envelope envelope;
    if (subject.starts_with(room_prefix)) {
      envelope.type = "message";
      envelope.conversation = subject.substr(room_prefix.size());
      envelope.ref = ref_of_inbox(reply);
      envelope.body = payload;
    } else {
      envelope.type = type_of_answer(payload);
      envelope.ref = ref_of_inbox(subject);
      envelope.text = payload;
    }
    sink.on_envelope(connection, envelope);
  }

  static std::string_view type_of_answer(std::string_view payload) {
    if (payload.find(R"("error":)") != std::string_view::npos)
      return "error";
    return payload.starts_with(R"({"stream":)") ? "sent" : "done";
  }
};

} // namespace

const Dialect& nats_dialect() {
  static const NatsDialect dialect;
  return dialect;
}

} // namespace parley::bench
