// Reads the whole store, beside a running server or without one, and changes nothing.
#include "transport/cli_check.hpp"

#include <filesystem>
#include <iostream>

#include "persistence/check.hpp"

namespace parley {

int check_store(const check_options& what) {
  std::error_code ec;
  if (!std::filesystem::is_directory(what.data, ec)) {
    std::cerr << "parleyd: " << what.data << " is not a directory\n";
    return 1;
  }
  return check(what.data, std::cout) == 0 ? 0 : 1;
}

} // namespace parley
