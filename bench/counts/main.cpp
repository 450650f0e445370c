// Runs one stage of a message's way so often: for callgrind, which counts its instructions.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include <gnu/libc-version.h>

#include "bench/counts/stages.hpp"

namespace parley::counts {

namespace {

struct stage {
  std::string_view name;
  std::string_view unit; ///< What is counted.
  std::uint64_t (*run)(std::uint64_t rounds);
};

constexpr std::array stages = {
    stage{"decode", "message", decode},
    stage{"decode_json", "message", decode_json},
    stage{"conversation", "message", conversation},
    stage{"batch_of_1", "message", batch_of_1},
    stage{"batch_of_32", "message", batch_of_32},
    stage{"encode", "delivery", encode},
    stage{"encode_json", "delivery", encode_json},
    stage{"shard_of_1", "delivery", shard_of_1},
    stage{"shard_of_32", "delivery", shard_of_32},
};

/// What the counts depend on beside the source.
void print_build() {
#if defined(__clang__)
  std::cout << "clang++ " << __clang_version__;
#else
  std::cout << "g++ " << __VERSION__;
#endif
#if defined(__x86_64__)
  constexpr std::string_view machine = "x86_64";
#elif defined(__aarch64__)
  constexpr std::string_view machine = "aarch64";
#else
  constexpr std::string_view machine = "another machine";
#endif
  std::cout << ", glibc " << gnu_get_libc_version() << ", " << machine << '\n';
}

int usage() {
  std::cerr << "usage: parley_counts <stage> <rounds>, or parley_counts build; the stages:\n";
  for (const auto& each : stages)
    std::cerr << "  " << each.name << '\n';
  return 2;
}

int run(std::string_view name, const char* rounds) {
  for (const auto& each : stages)
    if (each.name == name) {
      std::cout << each.run(std::strtoull(rounds, nullptr, 10)) << ' ' << each.unit << '\n';
      return 0;
    }
  return usage();
}

} // namespace

} // namespace parley::counts

int main(int count, char** words) {
  try {
    if (count == 2 && std::string_view{words[1]} == "build")
      return parley::counts::print_build(), 0;
    return count == 3 ? parley::counts::run(words[1], words[2]) : parley::counts::usage();
  } catch (const std::exception& why) {
    std::cerr << "parley_counts: " << why.what() << '\n';
    return 1;
  }
}
