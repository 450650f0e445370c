// What a stretch of time cost: wall time, the client's CPU and the server's.
#pragma once

#include "bench/clock.hpp"
#include "bench/process.hpp"
#include "bench/target.hpp"
#include "bench/waiting.hpp"

namespace parley::bench {

/// What the reader of a row must know about the client: "client-bound" when it had hardly any time
/// left, so that it may have been what was slow; "client disturbed" when others used its core.
inline std::string remark_on_client(double client_share, double client_waiting) {
  if (client_share + client_waiting > 0.9)
    return "client-bound";
  return client_waiting > 0.2 ? "client disturbed" : "";
}

struct Usage {
  double seconds;
  double client_share;   // CPU of the client, of one core, without polls in vain
  double client_waiting; // share of the time in which the client could have run but had no core
  double server_seconds; // CPU; NaN when the server's process is not known

  std::string remark() const { return remark_on_client(client_share, client_waiting); }
};

class UsageMeter {
public:
  explicit UsageMeter(const Target& target)
      : target_(target), server_seconds_(target.cpu_seconds()),
        waiting_seconds_(own_waiting_seconds()), client_ns_(busy_ns()), wall_ns_(now_ns()) {}

  /// Since the meter was made.
  Usage read() const {
    const double seconds = static_cast<double>(now_ns() - wall_ns_) / 1e9;
    const double client = static_cast<double>(busy_ns() - client_ns_) / 1e9;
    const double waiting = own_waiting_seconds() - waiting_seconds_;
    return {seconds, client / seconds, waiting / seconds, target_.cpu_seconds() - server_seconds_};
  }

private:
  static std::uint64_t busy_ns() { return own_cpu_ns() - polled_in_vain_ns(); }

  const Target& target_;
  double server_seconds_;
  double waiting_seconds_;
  std::uint64_t client_ns_;
  std::uint64_t wall_ns_;
};

} // namespace parley::bench
