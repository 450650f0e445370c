// The server's own key: made once, kept beside the data, readable by its owner alone.
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/digest.hpp"
#include "transport/token.hpp"

namespace parley {

namespace {

failure cannot(const std::string& what, const std::string& path) {
  return {error_code::unavailable, what + " " + path + ": " + std::strerror(errno), {}};
}

class descriptor {
public:
  explicit descriptor(int value) : value_(value) {}
  ~descriptor() {
    if (value_ >= 0)
      ::close(value_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const noexcept { return value_; }

private:
  int value_;
};

std::optional<std::string> read_all(int file) {
  std::string content;
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t got = ::read(file, piece.data(), piece.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return std::nullopt;
    if (got == 0)
      return content;
    content.append(piece.data(), static_cast<std::size_t>(got));
  }
}

/// 256 random bits as text, so that the file can be copied by hand.
std::string random_key() {
  std::array<unsigned char, 32> bits{};
  if (RAND_bytes(bits.data(), bits.size()) != 1)
    return {};
  return base64url({reinterpret_cast<const char*>(bits.data()), bits.size()});
}

bool write_durably(int file, const std::string& content) {
  return ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
         ::fsync(file) == 0;
}

/// Its name is on disk as well: without it a power cut would leave every token that was printed to
/// nobody.
bool keep_name(const std::string& path) {
  const auto parent = std::filesystem::path{path}.parent_path();
  const descriptor directory{
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return directory.get() >= 0 && ::fsync(directory.get()) == 0;
}

/// Writes aside and links into place: whoever comes first wins, and nobody sees half a key.
bool make_key(const std::string& path) {
  const std::string aside = path + "." + std::to_string(::getpid());
  const std::string key = random_key();
  ::unlink(aside.c_str());
  const descriptor file{::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  const bool written = file.get() >= 0 && !key.empty() && write_durably(file.get(), key + "\n");
  const bool placed =
      written && (::link(aside.c_str(), path.c_str()) == 0 || errno == EEXIST) && keep_name(path);
  const int why = errno;
  ::unlink(aside.c_str());
  errno = why;
  return placed;
}

} // namespace

result<std::string> read_token_key(const std::string& path) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat facts {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0)
    return cannot("cannot open", path);
  if (facts.st_mode & (S_IRWXG | S_IRWXO))
    return failure{error_code::unavailable, path + " can be read by others (want mode 0600)", {}};
  const auto content = read_all(file.get());
  if (!content)
    return cannot("cannot read", path);
  const std::string_view key{content->data(), content->find_last_not_of("\r\n") + 1};
  if (key.size() < token_authority::least_key_bytes)
    return failure{error_code::unavailable, path + " holds fewer than 32 bytes", {}};
  return std::string{key};
}

result<std::string> read_or_make_token_key(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0 && !make_key(path))
    return cannot("cannot make", path);
  return read_token_key(path);
}

} // namespace parley
