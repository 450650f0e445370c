// What clients say, in both encodings: what is accepted is one command, whichever way it is said.
#include "actors/command_form.hpp"
#include "tests/fuzz/decoders.hpp"
#include "tests/fuzz/written_command.hpp"
#include "transport/codec.hpp"

namespace parley::fuzz {

namespace {

/// The one envelope in a message that was made here.
std::string said_again(std::string_view message, encoding spoken) {
  const auto all = decode(message, spoken);
  promise(all.size() == 1 && std::holds_alternative<envelope>(all.front()),
          "what was accepted is accepted again");
  return written(std::get<envelope>(all.front()));
}

void look_at_envelope(const envelope& one) {
  const std::string bytes = written(one);
  promise(said_again(bytes, encoding::msgpack) == bytes, "MessagePack says the same again");
  promise(said_again(to_json(bytes), encoding::json) == bytes, "JSON says the same again");
  envelope same = one;
  promise(take_form(same.what).ok(), "what was decoded has its form");
  promise(written(same) == bytes, "what has its form keeps it");
}

void read_envelopes(std::string_view bytes, encoding spoken) {
  const auto all = decode(bytes, spoken);
  promise(!all.empty(), "there is always something to say to a message");
  for (const auto& each : all)
    if (const auto* good = std::get_if<envelope>(&each))
      look_at_envelope(*good);
}

} // namespace

void read_envelope_json(std::string_view bytes) { read_envelopes(bytes, encoding::json); }
void read_envelope_msgpack(std::string_view bytes) { read_envelopes(bytes, encoding::msgpack); }

} // namespace parley::fuzz
