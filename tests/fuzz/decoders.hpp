// Everything that reads bytes of others, as libFuzzer calls it: a function each.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace parley::fuzz {

/// Each reads `bytes` as production does, and ends the program when a promise is broken.
using decoder = void (*)(std::string_view bytes);

void read_cold_segment(std::string_view bytes);
void read_config(std::string_view bytes);
void read_control(std::string_view bytes);
void read_cursor(std::string_view bytes);
void read_envelope_json(std::string_view bytes);
void read_envelope_msgpack(std::string_view bytes);
void read_event(std::string_view bytes);
void read_import(std::string_view bytes);
void read_record(std::string_view bytes);
void read_rest(std::string_view bytes);
void read_row(std::string_view bytes);
void read_token(std::string_view bytes);
void read_webhook(std::string_view bytes);
void read_websocket(std::string_view bytes);
void read_words(std::string_view bytes);

/// What is to be so whatever the bytes are.
inline void promise(bool is_kept, const char* what) {
  if (is_kept)
    return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

/// A byte off the front; 0 when there is none.
inline unsigned take_byte(std::string_view& from) {
  if (from.empty())
    return 0;
  const auto first = static_cast<unsigned char>(from.front());
  from.remove_prefix(1);
  return first;
}

/// So many bytes off the front, or as many as there are.
inline std::string_view take_front(std::string_view& from, std::size_t size) {
  const std::string_view front = from.substr(0, size);
  from.remove_prefix(front.size());
  return front;
}

} // namespace parley::fuzz
