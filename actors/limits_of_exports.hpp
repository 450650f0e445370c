// Bounds of exports, as limits.hpp has all others.
#pragma once

#include "actors/limits.hpp"

namespace parley::limits {

/// Exports of one user at a time: each reads everything there is.
inline constexpr std::size_t exports_per_user = 1;
/// Exports at a time: they share one thread, and each has an entry in memory.
inline constexpr std::size_t exports_at_once = 4;
/// What who has to wait for a place is told.
inline constexpr auto retry_when_exporting = 30s;
/// Commands that an export counts as, where a user's rate is limited.
inline constexpr std::size_t commands_of_an_export = 10;
/// Bytes of lines in one entry of an archive: it is in memory as a whole, since a tar says how long
/// an entry is before its bytes.
inline constexpr std::size_t export_entry_bytes = std::size_t{1} << 20;
/// Rows that an export reads in one transaction, which then lasts some milliseconds.
inline constexpr std::size_t export_rows = 1'000;
/// Likewise, in bytes of events.
inline constexpr std::size_t export_read_bytes = 256 * 1024;
/// Bytes of an archive that are handed on at a time.
inline constexpr std::size_t export_chunk_bytes = 128 * 1024;
/// The longest that an export goes on: a store of 100 GiB at 10 Mbit/s.
inline constexpr auto longest_export = 24h;

/// Conversations of which the receipt of an export says what it has; a list in the archive has all.
inline constexpr std::size_t export_ranges_kept = 16;
/// Receipts of exports that are listed at a time.
inline constexpr std::size_t export_receipts_per_page = 100;

} // namespace parley::limits
