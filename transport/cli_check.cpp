// Reads the whole store, beside a running server or without one, and changes nothing.
#include "transport/cli_check.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <sys/wait.h>
#include <unistd.h>

#include "persistence/check.hpp"

namespace parley {

namespace {

/// LMDB believes what its pages say of themselves: damage there may end whoever reads them. So that
/// this is said too, a child does the reading.
int check_in_child(const std::string& data) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool whole = check(data, std::cout) == 0;
    std::cout.flush();
    std::_Exit(whole ? 0 : 1);
  }
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child > 0 && WIFEXITED(status))
    return WEXITSTATUS(status) == 0 ? 0 : 1;
  std::cout << "problem: the pages of the store are damaged: reading them ended with signal "
            << (child > 0 ? WTERMSIG(status) : 0) << '\n';
  return 1;
}

} // namespace

int check_store(const check_options& what) {
  std::error_code ec;
  if (!std::filesystem::is_directory(what.data, ec)) {
    std::cerr << "parleyd: " << what.data << " is not a directory\n";
    return 1;
  }
  return check_in_child(what.data);
}

} // namespace parley
