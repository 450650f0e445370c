// What `parleyd check` says of a data directory that nobody has open.
#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <utility>

#include "persistence/check.hpp"

namespace parley::test {

struct check_result {
  std::size_t problems = 0;
  std::string text;
};

inline check_result check_of(const std::filesystem::path& data) {
  std::ostringstream out;
  const std::size_t problems = check(data, out);
  return {problems, out.str()};
}

/// What it says of the problems there are; nothing of a store that is whole.
inline std::string problems_of(const std::filesystem::path& data) {
  auto found = check_of(data);
  return found.problems == 0 ? std::string{} : std::move(found.text);
}

} // namespace parley::test
