// Copies the bytes of files into a backup.
#pragma once

#include <filesystem>
#include <set>

#include "actors/errors.hpp"
#include "actors/files.hpp"

namespace parley {

/// From one directory of files into another one, while a server may put files into the first and
/// take them away. What is there never changes, so whatever was copied is good.
class blob_copy {
public:
  blob_copy(std::filesystem::path from, std::filesystem::path to)
      : from_(std::move(from)), to_(std::move(to)) {}

  /// Copies whatever is there; what goes meanwhile is passed over.
  outcome copy_all() const;
  /// Copies those of these that were not copied yet; false when one of them is not there any more.
  result<bool> copy_missing(const std::set<file_id>& named) const;
  /// Takes away the others, and waits until all of it is on disk.
  outcome keep_only(const std::set<file_id>& named) const;

private:
  std::filesystem::path from_;
  std::filesystem::path to_;
};

} // namespace parley
