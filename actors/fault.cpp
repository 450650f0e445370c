// Reads which fault the environment asks for, once, when the program starts.
#include "actors/fault.hpp"

#ifdef PARLEY_FAULTS

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string>

namespace parley {

namespace {

/// A fault's name and which passage of its place it is about: `<name>` or `<name>:<number>`.
struct planted_fault {
  explicit planted_fault(const char* variable) {
    const char* found = std::getenv(variable);
    const std::string text = found ? found : "";
    const std::size_t colon = text.find(':');
    name = text.substr(0, colon);
    if (colon != std::string::npos)
      std::from_chars(text.data() + colon + 1, text.data() + text.size(), number);
  }

  std::string name;
  long number = 1;
};

const planted_fault deadly{"PARLEY_FAILPOINT"};
const planted_fault wrong{"PARLEY_MUTANT"};
std::atomic<long> passages{0};

} // namespace

void failpoint(std::string_view name) {
  if (name == deadly.name && ++passages == deadly.number)
    std::raise(SIGKILL);
}

bool mutant(std::string_view name) {
  return name == wrong.name && ++passages % std::max(wrong.number, 1L) == 0;
}

} // namespace parley

#endif
