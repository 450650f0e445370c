// All metrics in Prometheus' text format.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "actors/metrics.hpp"
#include "actors/watermarks.hpp"

namespace parley {

/// What a data directory takes on the disk, beside the model and the log.
struct disk_use {
  std::uint64_t search_bytes = 0;  ///< Of the search index.
  std::uint64_t webhook_bytes = 0; ///< Of the outbox of webhooks.
  std::uint64_t file_bytes = 0;    ///< Of attached files.
  std::uint64_t free_bytes = 0;    ///< What the file system has left for this process.
};

/// What is looked up when somebody asks, beside what was counted.
struct metrics_moment {
  position committed;
  position applied;
  std::uint64_t model_bytes = 0; ///< Of the read model's file.
  std::uint64_t log_bytes = 0;   ///< Of the log's file.
  disk_use disk;
  std::size_t actors = 0; ///< Of the engine.
  instant now{};
  std::string_view version;
  std::uint64_t resident_bytes = 0;      ///< Of the process, in memory.
  std::chrono::milliseconds cpu_time{0}; ///< Likewise, of all its threads.
};

/// Text format 0.0.4 (prometheus.io, "Exposition formats"). Names nobody: labels are types, codes
/// and kinds.
std::string print_metrics(const engine_metrics& all, const metrics_moment& moment);

} // namespace parley
