// A collection of latencies that answers percentiles exactly.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace parley::bench {

class Latencies {
public:
  void add(std::uint64_t ns) { samples_.push_back(ns); }
  void add(const Latencies& others) {
    samples_.insert(samples_.end(), others.samples_.begin(), others.samples_.end());
  }
  void clear() { samples_.clear(); }
  std::size_t count() const { return samples_.size(); }

  /// The smallest sample that at least `share` (0 … 1) of all samples do not exceed, in
  /// milliseconds (nearest rank); NaN without samples.
  double percentile_ms(double share) {
    if (samples_.empty())
      return std::numeric_limits<double>::quiet_NaN();
    const auto rank = std::ceil(share * static_cast<double>(samples_.size()));
    const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
    const auto at = samples_.begin() + static_cast<std::ptrdiff_t>(index);
    std::nth_element(samples_.begin(), at, samples_.end());
    return static_cast<double>(*at) / 1e6;
  }

private:
  std::vector<std::uint64_t> samples_;
};

} // namespace parley::bench
