// From the bytes of a `send` to the typed command.
#include <variant>

#include "actors/encoding.hpp"
#include "bench/counts/sample.hpp"
#include "bench/counts/stages.hpp"
#include "transport/codec.hpp"

namespace parley::counts {

namespace {

/// A `send` as a client writes it.
std::string envelope_of_send() {
  const send_message what = message(1);
  map_writer writer;
  writer.text("type", "send")
      .number("ref", 1000)
      .text("conversation", what.conversation.str())
      .text("client_id", what.client.str())
      .text("body", what.body);
  return std::move(writer).take();
}

std::uint64_t decode_all(const std::string& bytes, encoding spoken, std::uint64_t rounds) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const auto found = decode(bytes, spoken);
    require(found.size() == 1 && std::holds_alternative<envelope>(found.front()),
            "a send was not understood");
  }
  return rounds;
}

} // namespace

std::uint64_t decode(std::uint64_t rounds) {
  return decode_all(envelope_of_send(), encoding::msgpack, rounds);
}

std::uint64_t decode_json(std::uint64_t rounds) {
  return decode_all(to_json(envelope_of_send()), encoding::json, rounds);
}

} // namespace parley::counts
