// A socket that takes everything and keeps nothing.
#pragma once

#include "transport/frame_writer.hpp"

namespace parley::counts {

class counting_sink : public byte_sink {
public:
  ssize_t send(std::span<const iovec> pieces) override {
    ssize_t took = 0;
    for (const auto& each : pieces)
      took += static_cast<ssize_t>(each.iov_len);
    return took;
  }
};

} // namespace parley::counts
