// Each file is written beside its place and renamed, as by a server.
#include "persistence/backup_files.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "persistence/blob_store.hpp"
#include "persistence/data_directory.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t copied_at_once = 256 * 1024;

failure no_copy(const fs::path& what, int code) {
  const auto kind =
      code == ENOSPC || code == EDQUOT ? error_code::unavailable : error_code::internal;
  return {kind, what.string() + ": cannot be copied: " + std::strerror(code), {}};
}

class open_file {
public:
  explicit open_file(int number) : number_(number) {}
  ~open_file() {
    if (number_ >= 0)
      ::close(number_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  int get() const noexcept { return number_; }

private:
  int number_;
};

outcome write_bytes(int to, const char* bytes, std::size_t count, const fs::path& path) {
  for (std::size_t done = 0; done < count;) {
    const auto written = ::write(to, bytes + done, count - done);
    if (written < 0 && errno != EINTR)
      return no_copy(path, errno);
    done += written > 0 ? static_cast<std::size_t>(written) : 0;
  }
  return success();
}

outcome copy_bytes(int from, int to, const fs::path& path) {
  std::vector<char> bytes(copied_at_once);
  for (;;) {
    const auto got = ::read(from, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return no_copy(path, errno);
    if (got == 0)
      return ::fsync(to) == 0 ? success() : no_copy(path, errno);
    if (auto written = write_bytes(to, bytes.data(), static_cast<std::size_t>(got), path); !written)
      return written;
  }
}

/// False when there is no such file.
result<bool> copy_one(const fs::path& from, const fs::path& to) {
  const open_file source{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
  if (source.get() < 0)
    return errno == ENOENT ? result<bool>{false} : result<bool>{no_copy(from, errno)};
  if (auto made = make_directory(to.parent_path()); !made)
    return made.error();
  fs::path beside = to;
  beside += ".new";
  const open_file made{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (made.get() < 0)
    return no_copy(beside, errno);
  if (auto copied = copy_bytes(source.get(), made.get(), beside); !copied)
    return copied.error();
  if (::rename(beside.c_str(), to.c_str()) != 0)
    return no_copy(to, errno);
  return true;
}

/// The files in a directory of them.
std::vector<file_id> files_in(const fs::path& directory) {
  std::vector<file_id> found;
  std::error_code code;
  for (const auto& place : fs::directory_iterator(directory, code)) {
    if (place.path().filename() == incoming_path(directory).filename())
      continue;
    std::error_code inner;
    for (const auto& each : fs::directory_iterator(place.path(), inner))
      if (const auto name = each.path().filename().string(); is_file_id(name))
        found.emplace_back(name);
  }
  return found;
}

} // namespace

outcome blob_copy::copy_all() const {
  for (const auto& each : files_in(from_))
    if (auto copied = copy_one(blob_path(from_, each), blob_path(to_, each)); !copied)
      return copied.error();
  return success();
}

result<bool> blob_copy::copy_missing(const std::set<file_id>& named) const {
  std::error_code code;
  for (const auto& each : named) {
    if (fs::exists(blob_path(to_, each), code))
      continue;
    auto copied = copy_one(blob_path(from_, each), blob_path(to_, each));
    if (!copied || !*copied)
      return copied;
  }
  return true;
}

outcome blob_copy::keep_only(const std::set<file_id>& named) const {
  std::set<fs::path> places;
  for (const auto& each : files_in(to_)) {
    if (!named.contains(each))
      ::unlink(blob_path(to_, each).c_str());
    places.insert(blob_path(to_, each).parent_path());
  }
  for (const auto& each : places)
    if (auto synced = sync_directory(each); !synced)
      return synced;
  return places.empty() ? success() : sync_directory(to_);
}

} // namespace parley
