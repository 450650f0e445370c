// The bounds of the cold store: how old events are packed, and how much of that is done at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "actors/limits.hpp"

namespace parley::limits {

/// Events of one segment: twice as many are 4 % smaller, and a page of 50 unpacks twice as much
/// for them.
inline constexpr std::size_t cold_events = 128;
/// Bytes of events at which a segment is full before that: long messages, which a page shows few
/// of.
inline constexpr std::size_t cold_raw_bytes = std::size_t{64} << 10;
/// Events below which packing saves less than a row of its own costs.
inline constexpr std::size_t cold_events_low = 8;
static_assert(cold_events_low < cold_events);
/// The level of zstd: 6 takes 1.4 ms for a full segment; 12 takes 4 and saves one per cent more.
inline constexpr int cold_level = 6;
/// A run that is not full waits until its oldest event is so many times as old as it must be, so
/// that a quiet conversation has few segments.
inline constexpr int cold_patience = 2;
/// Segments packed in one transaction: some milliseconds, which whoever hurries the read model
/// waits.
inline constexpr std::size_t cold_segments_at_once = 4;
/// Conversations looked at in one portion.
inline constexpr std::size_t cold_conversations_at_once = 512;
/// Between two portions: packing takes a fifth of a core at most.
inline constexpr auto cold_pause = std::chrono::milliseconds{50};
/// The whole model is gone through so many times while an event gets as old as it must be …
inline constexpr int cold_walks = 30;
/// … but not more often than this, and once a day at least.
inline constexpr auto cold_walk_low = std::chrono::seconds{1};
inline constexpr auto cold_walk_high = std::chrono::hours{24};
static_assert(cold_walk_low < cold_walk_high);
/// How long to wait after a portion that could not be written or read.
inline constexpr auto cold_rest = std::chrono::seconds{30};
/// Bytes of unpacked segments that a thread keeps: a hundred pages that somebody leafs through.
inline constexpr std::size_t cold_cache_bytes = std::size_t{4} << 20;
/// The same for a check, which asks for events in the order of other tables.
inline constexpr std::size_t cold_check_bytes = std::size_t{256} << 20;
/// Bytes promised for each event that a record erases: a segment that is written anew, which chance
/// may have made one that cannot be compressed; with its last page. The old one's are free soon
/// after. It is full only behind the event that fills it, and no event is larger than a frame.
inline constexpr std::size_t cold_rewrite_bytes = std::size_t{136} << 10;
static_assert(cold_rewrite_bytes > cold_raw_bytes + frame_bytes);

} // namespace parley::limits
