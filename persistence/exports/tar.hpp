// Writes a tar in the pax format (POSIX.1-2001), which GNU tar and everything else reads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "actors/errors.hpp"
#include "actors/time.hpp"

struct archive;

namespace parley {

/// Where libarchive writes to.
struct tar_sink {
  std::string bytes;
  bool is_closed = false; ///< What comes is not wanted any more.
};

/// Entry after entry, into memory: whoever writes takes what there is in between.
class tar_writer {
public:
  /// Everything in it gets this time.
  explicit tar_writer(timestamp at);
  ~tar_writer();
  tar_writer(const tar_writer&) = delete;
  tar_writer& operator=(const tar_writer&) = delete;

  /// Begins a file of this length, to be followed by as many bytes.
  outcome begin(const std::string& name, std::uint64_t size);
  outcome add(std::string_view bytes);
  /// There are no more entries.
  outcome finish();

  /// Bytes that are there to be taken.
  std::size_t size() const noexcept { return out_.bytes.size(); }
  std::string take() { return std::exchange(out_.bytes, {}); }

private:
  failure failed(std::string_view what) const;

  tar_sink out_;
  timestamp at_;
  archive* archive_; ///< libarchive's; writes into `out_`.
};

} // namespace parley
