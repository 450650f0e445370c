// What the index's writer and its reader both know of the file.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "actors/time.hpp"

namespace parley {

inline std::filesystem::path index_file(const std::filesystem::path& directory) {
  return directory / "index.db";
}

/// Days since the Unix epoch.
inline std::int64_t day_of(timestamp at) {
  return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count();
}

/// What a message is, beside its words: terms of a column of their own.
namespace facet {
inline const std::string any = "a";
inline const std::string link = "l";
inline const std::string file = "f";
inline std::string conversation(std::int64_t id) { return "c" + std::to_string(id); }
inline std::string sender(std::int64_t id) { return "u" + std::to_string(id); }
} // namespace facet

} // namespace parley
