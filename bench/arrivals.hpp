// The moments at which the sends of an open loop are due, whatever the server does.
#pragma once

#include <cstdint>
#include <random>

#include "bench/clock.hpp"

namespace parley::bench {

class Arrivals {
public:
  /// So many a second; Poisson has independent exponential gaps, otherwise they are equal.
  Arrivals(double rate, bool poisson) : gap_ns_(1e9 / rate), poisson_(poisson) {}

  void start(std::uint64_t now) { next_ns_ = static_cast<double>(now); }
  std::uint64_t next_ns() const { return static_cast<std::uint64_t>(next_ns_); }
  void advance() { next_ns_ += poisson_ ? gap_ns_ * exponential_(random_) : gap_ns_; }

private:
  double gap_ns_;
  double next_ns_ = 0; // exact to a nanosecond for 104 days of uptime
  bool poisson_;
  std::mt19937_64 random_{42}; // the same arrivals in every run
  std::exponential_distribution<double> exponential_{1.0};
};

} // namespace parley::bench
