// A note beside the index's file: somebody writes it, and does not wait for the disk.
#pragma once

#include <filesystem>

#include "actors/errors.hpp"

namespace parley {

/// Notes, before anything is written, that parts of the file may be on disk and others not;
/// durable.
outcome note_writing(const std::filesystem::path& directory);
/// Takes the note away: all of the file is on disk.
outcome note_synced(const std::filesystem::path& directory);

/// False when the machine stopped while somebody wrote: nobody can tell which parts of the file are
/// old. A process that ends, however it does, takes nothing with it.
result<bool> is_whole(const std::filesystem::path& directory);

} // namespace parley
