// Looks whether a store is whole: every checksum, every number, every row that another one implies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string_view>

#include "actors/ids.hpp"
#include "persistence/progress.hpp"

namespace parley {

/// How much a check has looked at, and what it found.
struct check_figures {
  std::size_t problems = 0;
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t keys = 0;
  std::uint64_t conversations = 0;
  std::uint64_t memberships = 0;
  std::uint64_t receipts = 0;
  position applied = {};
};

/// What is told while a check goes on.
struct check_listener {
  std::function<void(std::string_view)> problem = {}; ///< In words; the first hundred of them.
  progress_listener progress = {};
};

/// Reads everything in a data directory without changing it, beside a running server or without
/// one. Not for a process that has the store open: LMDB locks by process.
check_figures check(const std::filesystem::path& data, const check_listener& tell);

/// In a sentence.
void print_summary(const check_figures& figures, std::ostream& out);

/// The same with a line per problem and the summary in `out`. Returns the number of problems.
std::size_t check(const std::filesystem::path& data, std::ostream& out);

} // namespace parley
