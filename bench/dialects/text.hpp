// What the dialects that are text have in common.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

#include "bench/connection.hpp"

namespace parley::bench {

/// The decimal number a text begins with; 0 when there is none.
inline std::uint64_t number_in(std::string_view digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

/// Tells the sink that the connection is signed in.
inline void welcome(Connection& connection, EnvelopeSink& sink) {
  Envelope envelope;
  envelope.type = "welcome";
  envelope.ref = Connection::hello_ref;
  envelope.user = connection.user();
  sink.on_envelope(connection, envelope);
}

} // namespace parley::bench
