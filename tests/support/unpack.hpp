// Reads MessagePack envelopes back as JSON values, so that tests can look inside.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace parley::test {

/// All maps in `bytes`, one after another; throws on anything else, which fails the test.
inline std::vector<nlohmann::json> unpack_all(std::string_view bytes) {
  std::vector<nlohmann::json> maps;
  while (!bytes.empty()) {
    maps.push_back(nlohmann::json::from_msgpack(bytes, false));
    bytes.remove_prefix(nlohmann::json::to_msgpack(maps.back()).size());
  }
  return maps;
}

inline nlohmann::json unpack(std::string_view bytes) {
  auto maps = unpack_all(bytes);
  return maps.size() == 1 ? maps.front() : nlohmann::json{};
}

} // namespace parley::test
