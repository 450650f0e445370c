// The bounds of the messages page, which is read once and answered from memory.
#pragma once

#include <cstddef>

namespace parley::limits {

/// Files of a built page: its documents, their scripts and styles, and what those load later.
inline constexpr std::size_t built_page_files = 64;
/// Bytes of one of them: what a browser waits seconds for is no page any more.
inline constexpr std::size_t built_page_file_bytes = 2 * 1024 * 1024;
/// Bytes of all, compressed forms included; they stay in memory.
inline constexpr std::size_t built_page_bytes = 8 * 1024 * 1024;
static_assert(built_page_file_bytes <= built_page_bytes);

} // namespace parley::limits
