// What we have encoded ourselves is read without bounds of its own: it has those of what made it.
#include "engine/packed_map.hpp"

#include "actors/msgpack_reader.hpp"

namespace parley {

namespace {

/// Takes one value with all that is in it off the front; false when it is cut off.
bool pass(std::string_view& rest) {
  for (std::uint64_t left = 1; left > 0; --left) {
    msgpack_head head;
    if (!take_head(rest, head))
      return false;
    if (head.kind == msgpack_kind::array)
      left += head.number;
    else if (head.kind == msgpack_kind::map)
      left += 2 * head.number;
  }
  return true;
}

/// What is in front of `rest` of these bytes.
std::string_view before(std::string_view bytes, std::string_view rest) {
  return bytes.substr(0, bytes.size() - rest.size());
}

std::optional<msgpack_head> head_at(std::string_view value) {
  msgpack_head head;
  return take_head(value, head) ? std::optional{head} : std::nullopt;
}

} // namespace

std::optional<packed_map> packed_map::take(std::string_view& rest) {
  packed_map map;
  std::string_view after = rest;
  msgpack_head head;
  if (!take_head(after, head) || head.kind != msgpack_kind::map)
    return std::nullopt;
  for (std::uint64_t i = 0; i < head.number; ++i) {
    msgpack_head key;
    if (!take_head(after, key) || key.kind != msgpack_kind::text)
      return std::nullopt;
    const std::string_view value = after;
    if (!pass(after))
      return std::nullopt;
    map.fields_.emplace_back(key.bytes, before(value, after));
  }
  map.bytes_ = before(rest, after);
  rest = after;
  return map;
}

std::string_view packed_map::find(std::string_view key) const {
  for (const auto& [name, value] : fields_)
    if (name == key)
      return value;
  return {};
}

std::string packed_map::text(std::string_view key) const { return text_if(key).value_or(""); }

std::optional<std::string> packed_map::text_if(std::string_view key) const {
  const auto head = head_at(find(key));
  if (!head || head->kind != msgpack_kind::text)
    return std::nullopt;
  return std::string{head->bytes};
}

std::optional<std::uint64_t> packed_map::number_if(std::string_view key) const {
  const auto head = head_at(find(key));
  if (!head || head->kind != msgpack_kind::unsigned_integer)
    return std::nullopt;
  return head->number;
}

std::optional<bool> packed_map::flag_if(std::string_view key) const {
  const auto head = head_at(find(key));
  if (!head || head->kind != msgpack_kind::boolean)
    return std::nullopt;
  return head->truth;
}

reference packed_map::ref() const {
  const auto head = head_at(find("ref"));
  if (!head)
    return {};
  switch (head->kind) {
  case msgpack_kind::text:
    return std::string{head->bytes};
  case msgpack_kind::unsigned_integer:
    return static_cast<std::int64_t>(head->number);
  case msgpack_kind::negative_integer:
    return head->negative;
  default:
    return {};
  }
}

std::vector<std::string> packed_map::texts(std::string_view key) const {
  std::vector<std::string> all;
  std::string_view rest = find(key);
  msgpack_head head;
  if (!take_head(rest, head) || head.kind != msgpack_kind::array)
    return all;
  for (std::uint64_t i = 0; i < head.number; ++i) {
    msgpack_head each;
    if (!take_head(rest, each) || each.kind != msgpack_kind::text)
      return all;
    all.emplace_back(each.bytes);
  }
  return all;
}

std::vector<packed_map> packed_map::maps(std::string_view key) const {
  std::vector<packed_map> all;
  std::string_view rest = find(key);
  msgpack_head head;
  if (!take_head(rest, head) || head.kind != msgpack_kind::array)
    return all;
  for (std::uint64_t i = 0; i < head.number; ++i) {
    auto each = take(rest);
    if (!each)
      return all;
    all.push_back(std::move(*each));
  }
  return all;
}

std::optional<packed_map> packed_map::map_if(std::string_view key) const {
  std::string_view value = find(key);
  return take(value);
}

} // namespace parley
