// Looks into a MessagePack map of ours where it lies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/ids.hpp"

namespace parley {

/// Keys and values of one map; the bytes outlive it. What is missing, or of another type than is
/// asked for, is empty, 0 or false.
class packed_map {
public:
  /// Takes one map off the front of `rest`; nothing when there is none in full.
  static std::optional<packed_map> take(std::string_view& rest);

  /// The value's own bytes; none when there is no such key.
  std::string_view find(std::string_view key) const;
  std::string text(std::string_view key) const;
  std::optional<std::string> text_if(std::string_view key) const;
  std::uint64_t number(std::string_view key) const { return number_if(key).value_or(0); }
  std::optional<std::uint64_t> number_if(std::string_view key) const;
  bool flag(std::string_view key) const { return flag_if(key).value_or(false); }
  std::optional<bool> flag_if(std::string_view key) const;
  reference ref() const;
  std::vector<std::string> texts(std::string_view key) const;
  std::vector<packed_map> maps(std::string_view key) const;
  std::optional<packed_map> map_if(std::string_view key) const;

  /// The map as it lies there.
  std::string_view bytes() const noexcept { return bytes_; }

private:
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
  std::string_view bytes_;
};

} // namespace parley
