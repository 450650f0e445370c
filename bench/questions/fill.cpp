// Question "fill": how fast a store is filled through the protocol, and how large it becomes.
#include "bench/filled_store.hpp"
#include "bench/questions/questions.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_messages = 10'000'000;

} // namespace

Answer ask_fill(const Options& options) {
  FilledStore store(options, 0);
  const auto wrote = store.fill(options.stored_or(usual_messages));
  const auto messages = static_cast<double>(wrote.messages);
  const auto stored = static_cast<double>(store.messages());
  const auto bytes = store.target().stored_bytes();
  store.target().stop();
  return {{{"stored messages", stored, 0},
           {"conversations C", static_cast<double>(store.conversations().size()), 0},
           {"body B", static_cast<double>(options.body), 0},
           {"sent now", messages, 0},
           {"sends/s", messages / wrote.usage.seconds, 0},
           {"server CPU µs/send", wrote.usage.server_seconds * 1e6 / messages, 1},
           {"data MiB", bytes / 1048576, 0},
           {"bytes/message", bytes / stored, 0},
           {"client CPU %", wrote.usage.client_share * 100, 0}},
          wrote.usage.remark()};
}

} // namespace parley::bench
