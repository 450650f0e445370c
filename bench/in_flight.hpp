// The sends that have no answer yet, found by their ref.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/connection.hpp"

namespace parley::bench {

class InFlight {
public:
  /// Remembers a send; fails when so many are unanswered that the server plainly does not keep up.
  void add(std::uint64_t ref, const Connection& connection, std::uint64_t started_ns) {
    Slot& slot = slots_[ref % capacity];
    if (slot.ref != 0)
      connection.fail_here("a send is still unanswered after ", capacity, " later ones");
    slot = {ref, started_ns, connection.index()};
    ++count_;
  }

  /// Takes the answered send out and returns when it started; fails when there is none such.
  std::uint64_t take(std::uint64_t ref, const Connection& connection) {
    Slot& slot = slots_[ref % capacity];
    if (ref == 0 || slot.ref != ref || slot.connection != connection.index())
      connection.fail_here("`sent` with ref ", ref, " answers nothing that is open here");
    slot.ref = 0;
    --count_;
    return slot.started_ns;
  }

  std::size_t count() const { return count_; }
  /// "3 acknowledgements", for a failure's text.
  std::string missing() const { return std::to_string(count_) + " acknowledgements"; }

private:
  static constexpr std::size_t capacity = 1 << 18;

  struct Slot {
    std::uint64_t ref = 0;
    std::uint64_t started_ns = 0;
    std::uint32_t connection = 0;
  };

  std::vector<Slot> slots_ = std::vector<Slot>(capacity);
  std::size_t count_ = 0;
};

} // namespace parley::bench
