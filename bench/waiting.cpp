// One thread waits, so what it counts needs no lock.
#include "bench/waiting.hpp"

#include <ctime>
#include <utility>

#include <sys/epoll.h>

#include "bench/clock.hpp"

namespace parley::bench {
namespace {

bool polls = false;
std::uint64_t in_vain_ns = 0;

int ask(int epoll, std::span<epoll_event> events, std::uint64_t wait_ns) {
  const timespec wait{static_cast<time_t>(wait_ns / ns_per_second),
                      static_cast<long>(wait_ns % ns_per_second)};
  return epoll_pwait2(epoll, events.data(), static_cast<int>(events.size()), &wait, nullptr);
}

} // namespace

bool set_polling(bool wanted) { return std::exchange(polls, wanted); }

std::uint64_t polled_in_vain_ns() { return in_vain_ns; }

int wait_for_events(int epoll, std::span<epoll_event> events, std::uint64_t wait_ns) {
  if (!polls)
    return ask(epoll, events, wait_ns);
  int count = ask(epoll, events, 0);
  if (count != 0)
    return count;
  const auto cpu_ns = own_cpu_ns();
  const auto until_ns = now_ns() + wait_ns;
  while (count == 0 && now_ns() < until_ns)
    count = ask(epoll, events, 0);
  in_vain_ns += own_cpu_ns() - cpu_ns;
  return count;
}

} // namespace parley::bench
