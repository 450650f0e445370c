// Commands as a client writes them, from the list of fields that each of them has.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/commands.hpp"
#include "actors/encoding.hpp"
#include "actors/fields.hpp"
#include "persistence/packed.hpp"

namespace parley::fuzz {

inline std::string written(const std::string& value) {
  return std::move(packed_writer{}.text(value)).take();
}
inline std::string written(bool value) { return value ? "\xc3" : "\xc2"; }
inline std::string written(std::uint64_t value) {
  return std::move(packed_writer{}.number(value)).take();
}
inline std::string written(std::int64_t value) {
  return std::move(packed_writer{}.integer(value)).take();
}
inline std::string written(std::monostate) { return "\xc0"; }
inline std::string written(const application_data& value) { return value.msgpack; }
inline std::string written(const erasable_text& value) { return written(value.text); }
inline std::string written(const retention_bounds& value) {
  map_writer to;
  to.number("days", value.days).number("messages", value.messages);
  return std::move(to).take();
}
inline std::string written(const permissions& value) {
  map_writer to;
  for (std::size_t i = 0; i < right_count; ++i)
    if (const auto least = value.least[i])
      to.text(to_string(static_cast<right>(i)), to_string(*least));
  return std::move(to).take();
}
template <class Tag>
std::string written(const text_id<Tag>& value) {
  return written(value.str());
}
template <class Word>
requires std::is_enum_v<Word> std::string written(Word value) {
  return written(std::string{to_string(value)});
}
template <class Element>
std::string written(const std::vector<Element>& values) {
  std::string made = array_header(values.size());
  for (const auto& each : values)
    made += written(each);
  return made;
}

template <class Value>
void write_field(map_writer& to, std::string_view name, const Value& value) {
  to.encoded(name, written(value));
}
template <class Value>
void write_field(map_writer& to, std::string_view name, const std::optional<Value>& value) {
  if (value)
    write_field(to, name, *value);
}

/// The envelope as one MessagePack map.
inline std::string written(const envelope& what) {
  map_writer to;
  to.encoded("ref", std::visit([](const auto& ref) { return written(ref); }, what.ref));
  std::visit(
      [&to](const auto& asked) {
        to.text("type", asked.name);
        for_each_field(asked, [&to](std::string_view name, const auto& value) {
          write_field(to, name, value);
        });
      },
      what.what);
  return std::move(to).take();
}

} // namespace parley::fuzz
