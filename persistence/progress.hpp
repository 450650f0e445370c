// How far a long command has got: told by who does the work, shown by who was asked for it.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace parley {

/// So much of one step is done.
struct work_progress {
  std::string_view step;          ///< As `events`.
  std::uint64_t done = 0;         ///< Never less than before.
  std::uint64_t total = 0;        ///< As far as it is known; 0: it is not.
  std::string_view unit = "rows"; ///< What is counted.
};

/// Called often, on the thread that works; may be empty.
using progress_listener = std::function<void(const work_progress&)>;

} // namespace parley
