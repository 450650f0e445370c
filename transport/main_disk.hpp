// What a data directory takes, and what is left beside it.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "actors/time.hpp"
#include "persistence/lane.hpp"
#include "transport/metrics_text.hpp"

namespace parley {

/// The size of a file; 0 where there is none.
std::uint64_t length_of(const std::filesystem::path& file);

/// Looks at a few files at once. Attached files may be many: they are counted beside the work, on
/// the lane, from the first look on. Safe from any thread.
class disk_watch : public std::enable_shared_from_this<disk_watch> {
public:
  disk_watch(std::filesystem::path data, lane_ptr own)
      : data_(std::move(data)), own_(std::move(own)) {}

  disk_use look();

private:
  std::filesystem::path data_;
  lane_ptr own_;
  std::atomic<std::int64_t> count_next_{0}; ///< As a gauge holds an instant.
  std::atomic<std::uint64_t> file_bytes_{0};
};

} // namespace parley
