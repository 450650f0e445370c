// What goes while it is looked at takes nothing.
#include "transport/main_disk.hpp"

#include <chrono>
#include <system_error>

#include "actors/limits_of_requests.hpp"

namespace parley {

namespace {

std::uint64_t bytes_below(const std::filesystem::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code code;
  std::filesystem::recursive_directory_iterator each{directory, code};
  for (; !code && each != std::filesystem::recursive_directory_iterator{}; each.increment(code))
    if (std::error_code gone; each->is_regular_file(gone))
      bytes += length_of(each->path());
  return bytes;
}

} // namespace

std::uint64_t length_of(const std::filesystem::path& file) {
  std::error_code code;
  const auto bytes = std::filesystem::file_size(file, code);
  return code ? 0 : bytes;
}

disk_use disk_watch::look() {
  const instant now = std::chrono::steady_clock::now();
  std::int64_t due = count_next_;
  if (nanoseconds_of(now) >= due &&
      count_next_.compare_exchange_strong(due, nanoseconds_of(now + limits::files_counted_again)))
    own_->run(
        [self = shared_from_this()] { self->file_bytes_ = bytes_below(self->data_ / "files"); });
  std::error_code code;
  const auto space = std::filesystem::space(data_, code);
  return {bytes_below(data_ / "search"), bytes_below(data_ / "webhooks"), file_bytes_,
          code ? 0 : space.available};
}

} // namespace parley
