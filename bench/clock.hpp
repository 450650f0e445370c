// Readings of the monotonic clock and of this process's own CPU time.
#pragma once

#include <cstdint>
#include <ctime>

namespace parley::bench {

inline constexpr std::uint64_t ns_per_second = 1'000'000'000;

inline std::uint64_t read_clock_ns(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * ns_per_second +
         static_cast<std::uint64_t>(t.tv_nsec);
}

inline std::uint64_t now_ns() { return read_clock_ns(CLOCK_MONOTONIC); }

/// User and system time of this process, all threads.
inline std::uint64_t own_cpu_ns() { return read_clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

inline std::uint64_t seconds_to_ns(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e9);
}

/// A moment on the monotonic clock after which waiting is a failure.
struct Deadline {
  std::uint64_t at_ns;
  static Deadline in(double seconds) { return {now_ns() + seconds_to_ns(seconds)}; }
  bool passed() const { return now_ns() >= at_ns; }
};

} // namespace parley::bench
