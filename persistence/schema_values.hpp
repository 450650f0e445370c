// How every value of the read model is sealed and opened; for schema*.cpp alone.
#pragma once

#include <string>
#include <string_view>

#include "persistence/checksum.hpp"
#include "persistence/packed.hpp"
#include "persistence/schema.hpp"

namespace parley {

inline std::uint64_t place_of(model_table table, std::string_view key) {
  return checksum_of(key, static_cast<std::uint64_t>(table));
}

inline std::string seal(model_table table, std::string_view key, packed_writer&& row) {
  const std::string payload = std::move(row).take();
  std::string value;
  value.reserve(checksum_bytes + payload.size());
  append_big_endian(value, checksum_of(payload, place_of(table, key)));
  return std::move(value.append(payload));
}

inline failure damaged(model_table table, std::string_view key, std::string_view how) {
  return {error_code::internal, describe_row(table, key) + std::string(how), {}};
}

/// What is behind the sum, if that is right.
inline result<std::string_view> payload_of(model_table table, std::string_view key,
                                           std::string_view value) {
  if (value.size() < checksum_bytes)
    return damaged(table, key, " is too short");
  const auto payload = value.substr(checksum_bytes);
  if (big_endian_at(value) != checksum_of(payload, place_of(table, key)))
    return damaged(table, key, " does not match its checksum");
  return payload;
}

/// Checks the sum, lets `unpack(reader, row)` read the rest, and checks that nothing is left.
template <class Row, class Unpack>
result<Row> open_row(model_table table, std::string_view key, std::string_view value,
                     Unpack&& unpack) {
  auto payload = payload_of(table, key, value);
  if (!payload)
    return payload.error();
  packed_reader reader{*payload};
  Row row{};
  unpack(reader, row);
  if (!reader.done())
    return damaged(table, key, " makes no sense");
  return row;
}

inline timestamp time_of(packed_reader& from) {
  return timestamp{std::chrono::milliseconds{from.integer()}};
}

/// An event with what is known of it, as in its row.
void pack_event(packed_writer& to, const event_row& row);
event_row unpack_event(packed_reader& from);

template <class Enum>
std::uint64_t number_of(Enum value) {
  return static_cast<std::uint64_t>(value);
}

} // namespace parley
