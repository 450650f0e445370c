// Where the bytes of files are, as the engine knows it: every call returns at once, and what it
// asked for is told later, on a thread that is nobody's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/digest.hpp"
#include "actors/file_messages.hpp"

namespace parley {

/// Bytes on their way to the disk. One call at a time; what is not kept is gone with it.
class incoming_blob {
public:
  virtual ~incoming_blob() = default;
  /// Adds bytes. `unavailable`: there is no space.
  virtual void write(std::string bytes, told_outcome to) = 0;
  /// Puts all of them into place, durable; tells their SHA-256.
  virtual void keep(told<digest> to) = 0;
};

/// Bytes that are there. One call at a time.
class readable_blob {
public:
  virtual ~readable_blob() = default;
  /// Up to `most` bytes from a place on; none at the end.
  virtual void read(std::uint64_t from, std::size_t most, told<std::string> to) = 0;
};

/// All of them, by the files whose they are. Safe from any thread.
class blobs {
public:
  /// They are in so many places, which can be listed one by one.
  static constexpr unsigned places = 256;

  virtual ~blobs() = default;
  virtual void make(const file_id& file, told<std::shared_ptr<incoming_blob>> to) = 0;
  /// `not_found` when there is none.
  virtual void open(const file_id& file, told<std::shared_ptr<readable_blob>> to) = 0;
  virtual void remove(std::vector<file_id> files) = 0;
  /// Those in one place, without any that somebody still holds as an incoming one.
  virtual void list(unsigned place, std::function<void(std::vector<file_id>)> to) = 0;
};

} // namespace parley
