// Everything is written beside its place, synced, and only then renamed.
#include "persistence/data_directory.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace parley {

namespace {

namespace fs = std::filesystem;

failure file_failure(const fs::path& what, std::string_view tried, int code) {
  const auto kind =
      code == ENOSPC || code == EDQUOT ? error_code::unavailable : error_code::internal;
  return {kind, what.string() + ": " + std::string(tried) + ": " + std::strerror(code), {}};
}

/// A file descriptor that closes itself.
class descriptor {
public:
  explicit descriptor(int number) : number_(number) {}
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const noexcept { return number_; }
  int release() noexcept { return std::exchange(number_, -1); }

private:
  int number_;
};

outcome write_all(int file, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR)
      return file_failure(path, "cannot be written", errno);
    if (written > 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0 ? success() : file_failure(path, "cannot be synced", errno);
}

outcome write_new(const fs::path& file, std::string_view bytes) {
  fs::path beside = file;
  beside += ".new";
  {
    descriptor made{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (made.get() < 0)
      return file_failure(beside, "cannot be made", errno);
    if (auto written = write_all(made.get(), bytes, beside); !written)
      return written;
  }
  if (::rename(beside.c_str(), file.c_str()) != 0)
    return file_failure(file, "cannot be put into place", errno);
  return sync_directory(file.parent_path());
}

result<std::string> read_exactly(int file, std::size_t count, const fs::path& path) {
  std::string bytes(count + 1, '\0'); // One more, to see that there is no more.
  std::size_t had = 0;
  for (;;) {
    const auto got = ::read(file, bytes.data() + had, bytes.size() - had);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return file_failure(path, "cannot be read", errno);
    if (got == 0 || had == bytes.size())
      break;
    had += static_cast<std::size_t>(got);
  }
  if (had != count)
    return failure{
        error_code::internal, path.string() + ": does not have the size it should have", {}};
  bytes.resize(count);
  return bytes;
}

outcome taken(const fs::path& name) {
  return failure{error_code::conflict, name.string() + " exists already", {}};
}

outcome rename_to_free_name(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
    return success();
  if (errno == EEXIST)
    return taken(to);
  if (errno != EINVAL && errno != ENOSYS)
    return file_failure(to, "cannot be put into place", errno);
  // A file system that knows no such flag: an empty directory is all that rename(2) would replace.
  std::error_code code;
  if (fs::exists(fs::symlink_status(to, code)))
    return taken(to);
  return ::rename(from.c_str(), to.c_str()) == 0
             ? success()
             : file_failure(to, "cannot be put into place", errno);
}

} // namespace

outcome make_directory(const fs::path& directory) {
  std::error_code code;
  if (fs::is_directory(directory, code))
    return success();
  const fs::path parent = fs::absolute(directory, code).parent_path();
  fs::create_directories(parent, code);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return file_failure(directory, "cannot be made", errno);
  return sync_directory(parent);
}

outcome sync_directory(const fs::path& directory) {
  const descriptor opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (opened.get() < 0)
    return file_failure(directory, "cannot be opened", errno);
  return ::fsync(opened.get()) == 0 ? success()
                                    : file_failure(directory, "cannot be synced", errno);
}

outcome move_into_place(const fs::path& from, const fs::path& to) {
  if (auto synced = sync_directory(from); !synced)
    return synced;
  if (auto renamed = rename_to_free_name(from, to); !renamed)
    return renamed;
  return sync_directory(to.parent_path());
}

outcome exchange_directories(const fs::path& one, const fs::path& other) {
  if (auto synced = sync_directory(one); !synced)
    return synced;
  if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0)
    return success();
  if (errno == EINVAL || errno == ENOSYS || errno == EXDEV)
    return failure{
        error_code::unavailable, other.string() + ": this file system cannot exchange names", {}};
  return file_failure(other, "cannot be exchanged", errno);
}

result<int> lock_directory(const fs::path& directory) {
  const fs::path file = directory / "lock";
  descriptor opened{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (opened.get() < 0)
    return file_failure(file, "cannot be opened", errno);
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) == 0)
    return opened.release();
  if (errno == EWOULDBLOCK)
    return failure{
        error_code::unavailable, directory.string() + " is in use by another server", {}};
  return file_failure(file, "cannot be locked", errno);
}

result<std::string> random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (::getentropy(bytes.data(), bytes.size()) != 0)
    return failure{error_code::internal, "the system has no random bytes", {}};
  return bytes;
}

result<std::string> new_epoch() {
  constexpr std::size_t epoch_bytes = 16;
  constexpr std::string_view digits = "0123456789abcdef";
  auto bytes = random_bytes(epoch_bytes);
  if (!bytes)
    return bytes;
  std::string text;
  for (char each : *bytes) {
    text.push_back(digits[static_cast<unsigned char>(each) >> 4]);
    text.push_back(digits[static_cast<unsigned char>(each) & 15]);
  }
  return text;
}

outcome copy_secret(const fs::path& from, const fs::path& to) {
  const descriptor opened{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
  if (opened.get() < 0)
    return errno == ENOENT ? success() : file_failure(from, "cannot be opened", errno);
  std::error_code code;
  const auto size = fs::file_size(from, code);
  if (code)
    return file_failure(from, "cannot be read", code.value());
  auto bytes = read_exactly(opened.get(), size, from);
  return bytes ? write_new(to, *bytes) : outcome{bytes.error()};
}

outcome refuse_unfinished(const fs::path& directory) {
  std::error_code code;
  if (!fs::exists(directory / unfinished_mark, code))
    return success();
  return failure{
      error_code::internal, directory.string() + " is a backup that was not finished", {}};
}

result<std::string> read_or_make_secret(const fs::path& file, std::size_t count) {
  const descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (opened.get() >= 0)
    return read_exactly(opened.get(), count, file);
  if (errno != ENOENT)
    return file_failure(file, "cannot be opened", errno);
  auto made = random_bytes(count);
  if (!made)
    return made;
  if (auto written = write_new(file, *made); !written)
    return written.error();
  return made;
}

} // namespace parley
