// One program for all decoders: `parley_fuzz --decoder=websocket` and then what libFuzzer takes.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/decoders.hpp"

namespace parley::fuzz {

namespace {

constexpr std::array<std::pair<std::string_view, decoder>, 15> decoders{{
    {"cold_segment", read_cold_segment},
    {"config", read_config},
    {"control", read_control},
    {"cursor", read_cursor},
    {"envelope_json", read_envelope_json},
    {"envelope_msgpack", read_envelope_msgpack},
    {"event", read_event},
    {"import", read_import},
    {"record", read_record},
    {"rest", read_rest},
    {"row", read_row},
    {"token", read_token},
    {"webhook", read_webhook},
    {"websocket", read_websocket},
    {"words", read_words},
}};

decoder chosen = nullptr;

} // namespace

} // namespace parley::fuzz

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  using namespace parley::fuzz;
  constexpr std::string_view option = "--decoder="; // libFuzzer passes over what begins like this
  for (int i = 1; i < *argc; ++i) {
    const std::string_view said{(*argv)[i]};
    for (const auto& [name, read] : decoders)
      if (said.starts_with(option) && said.substr(option.size()) == name)
        chosen = read;
  }
  if (chosen == nullptr) {
    for (const auto& each : decoders)
      std::fprintf(stderr, "%s%s\n", option.data(), each.first.data());
    std::exit(2);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parley::fuzz::chosen({reinterpret_cast<const char*>(data), size});
  return 0;
}
