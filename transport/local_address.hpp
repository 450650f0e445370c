// The address of a socket that is a file in a directory.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace parley {

/// In a data directory: where operators come in and speak HTTP.
inline constexpr const char* operators_file = "admin";

/// By the directory's descriptor, since a path may be too long for an address.
class local_address {
public:
  local_address(const std::filesystem::path& directory, std::string_view name)
      : directory_(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    place_.sun_family = AF_UNIX;
    const std::string path =
        "/proc/self/fd/" + std::to_string(directory_) + "/" + std::string(name);
    path.copy(place_.sun_path, sizeof place_.sun_path - 1);
  }
  ~local_address() {
    if (directory_ >= 0)
      ::close(directory_);
  }
  local_address(const local_address&) = delete;
  local_address& operator=(const local_address&) = delete;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&place_); }
  static socklen_t size() { return sizeof(sockaddr_un); }

private:
  int directory_;
  sockaddr_un place_{};
};

} // namespace parley
