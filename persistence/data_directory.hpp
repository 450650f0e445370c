// Files and directories of a store: made so that a crash at any moment leaves all of a thing or
// none.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "actors/errors.hpp"

namespace parley {

/// Makes a directory that only its owner can enter, and its parents; fine when it exists.
outcome make_directory(const std::filesystem::path& directory);

/// Waits until the directory's entries are on disk.
outcome sync_directory(const std::filesystem::path& directory);

/// Moves a directory to a name that is free, for good. `conflict` when the name is taken.
outcome move_into_place(const std::filesystem::path& from, const std::filesystem::path& to);

/// Has two directories trade their names, in one step, which lasts once the one they are in is
/// synced. `unavailable` where the file system cannot.
outcome exchange_directories(const std::filesystem::path& one, const std::filesystem::path& other);

/// Takes the directory's lock for this process; the descriptor holds it until it is closed.
/// `unavailable` when another process has it.
result<int> lock_directory(const std::filesystem::path& directory);

/// `count` bytes that nobody can guess.
result<std::string> random_bytes(std::size_t count);

/// A name for a new life of a store.
result<std::string> new_epoch();

/// Copies a small file, if there is one, to a new one that only its owner can read.
outcome copy_secret(const std::filesystem::path& from, const std::filesystem::path& to);

/// A file in a directory that a backup is being written to: it is not a store yet.
inline constexpr std::string_view unfinished_mark = "unfinished_backup";

/// `internal` when a backup into this directory was not finished.
outcome refuse_unfinished(const std::filesystem::path& directory);

/// Bytes of the secret that signs cursors.
inline constexpr std::size_t secret_bytes = 32;

/// The secret in `file`, which must have `count` bytes; made, with mode 0600, when there is no
/// file.
result<std::string> read_or_make_secret(const std::filesystem::path& file, std::size_t count);

} // namespace parley
