// The note is an empty file that is named after this run of the machine (random(4), boot_id).
#include "persistence/search/index_note.hpp"

#include <fstream>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "persistence/data_directory.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view begins_with = "unsynced-";

/// Empty where the kernel does not tell.
std::string run_of_machine() {
  std::ifstream told{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  std::getline(told, id);
  return id;
}

fs::path note_in(const fs::path& directory) {
  return directory / (std::string{begins_with} + run_of_machine());
}

} // namespace

outcome note_writing(const fs::path& directory) {
  const int made = ::open(note_in(directory).c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (made < 0)
    return failure{error_code::unavailable, "cannot note that the search index is written", {}};
  ::close(made);
  return sync_directory(directory);
}

outcome note_synced(const fs::path& directory) {
  std::error_code code;
  if (!fs::remove(note_in(directory), code))
    return success(); // or it stays, and the index is made anew once too often
  return sync_directory(directory);
}

result<bool> is_whole(const fs::path& directory) {
  const std::string run = run_of_machine();
  std::error_code code;
  fs::directory_iterator each{directory, code};
  for (; !code && each != fs::directory_iterator{}; each.increment(code)) {
    const std::string name = each->path().filename().string();
    if (name.starts_with(begins_with) && (run.empty() || name.substr(begins_with.size()) != run))
      return false;
  }
  if (code)
    return failure{
        error_code::unavailable, "cannot read " + directory.string() + ": " + code.message(), {}};
  return true;
}

} // namespace parley
