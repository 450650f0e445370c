// What a session may be told later or not at all: one entry per key, the latest wins.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

#include "actors/outbox.hpp"

namespace parley {

/// A queue of keyed chunks, bounded by limits::soft_entries and limits::soft_bytes; beyond either,
/// what has waited longest goes untold.
class soft_lane {
public:
  /// Puts a chunk at the end, or in the place of the one that waits under the same key.
  void put(std::string key, chunk_ptr what);
  /// Takes the one that has waited longest; there must be one.
  chunk_ptr take();

  bool empty() const noexcept { return waiting_.empty(); }
  std::size_t size() const noexcept { return waiting_.size(); }
  /// What waits, in bytes, keys included; chunks are counted as if nobody shared them.
  std::size_t bytes() const noexcept { return bytes_; }

private:
  using entry = std::pair<std::string, chunk_ptr>;

  void drop_oldest();

  std::list<entry> waiting_; ///< Oldest key first.
  std::unordered_map<std::string, std::list<entry>::iterator> by_key_;
  std::size_t bytes_ = 0;
};

} // namespace parley
