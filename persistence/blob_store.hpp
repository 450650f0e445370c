// The bytes of files in a directory: written beside their place, synced, renamed; never changed.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "actors/blobs.hpp"
#include "persistence/lane.hpp"

namespace parley {

/// Where the bytes of a file are in a store.
std::filesystem::path blob_path(const std::filesystem::path& files, const file_id& file);
/// Where what is being uploaded is; emptied whenever a server starts.
std::filesystem::path incoming_path(const std::filesystem::path& files);

/// The directory `files` of a store. Every blocking call runs on one of the lanes; what is about
/// one file runs on the same.
class blob_store final : public blobs, public std::enable_shared_from_this<blob_store> {
public:
  /// Makes the directory if need be, and throws away what was being uploaded when a server ended.
  /// Called while the store's lock is held.
  static outcome prepare(const std::filesystem::path& files);
  /// Of a directory that is prepared.
  blob_store(std::filesystem::path files, std::vector<lane_ptr> lanes)
      : files_(std::move(files)), lanes_(std::move(lanes)) {}

  void make(const file_id& file, told<std::shared_ptr<incoming_blob>> to) override;
  void open(const file_id& file, told<std::shared_ptr<readable_blob>> to) override;
  void remove(std::vector<file_id> files) override;
  void list(unsigned place, std::function<void(std::vector<file_id>)> to) override;

  // --- For incoming blobs ---
  void forget_incoming(const file_id& file);
  const std::filesystem::path& files() const noexcept { return files_; }

private:
  const lane_ptr& lane_of(const file_id& file) const;

  std::filesystem::path files_;
  std::vector<lane_ptr> lanes_;
  std::mutex lock_;
  std::set<file_id> incoming_; ///< From before there is anything until its outcome is known.
};

} // namespace parley
