// Waiting for sockets to become ready: asleep, or polling, so that no server pays for waking us.
#pragma once

#include <cstdint>
#include <span>

struct epoll_event;

namespace parley::bench {

/// Whether from now on this process polls where it would sleep; says what it did before. On
/// loopback it is the server's `sendmsg` that wakes a client, an interrupt to another core; over a
/// network it would never see that bill.
bool set_polling(bool wanted);

/// CPU time of polls that found nothing: time which the client had to spare.
std::uint64_t polled_in_vain_ns();

/// As `epoll_pwait2`, for at most `wait_ns`: how many events there are, or -1 and `errno`.
int wait_for_events(int epoll, std::span<epoll_event> events, std::uint64_t wait_ns);

} // namespace parley::bench
