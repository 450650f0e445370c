// Keys and values of the rows about files.
#include "actors/limits.hpp"
#include "persistence/schema_values.hpp"

namespace parley {

namespace {

constexpr std::size_t id_bytes = 32;
constexpr std::size_t time_bytes = 8;

} // namespace

// --- Keys ----------------------------------------------------------------------------------------

std::string file_use_key(const file_id& file, const conversation_id& conversation, sequence seq) {
  return file.str() + event_key(conversation, seq);
}

std::optional<file_use_place> split_file_use_key(std::string_view key) {
  if (key.size() <= id_bytes || !is_file_id(key.substr(0, id_bytes)))
    return {};
  auto place = split_event_key(key.substr(id_bytes));
  if (!place)
    return {};
  return file_use_place{file_id{std::string(key.substr(0, id_bytes))}, std::move(place->first),
                        place->second};
}

std::string unused_file_key(timestamp at, const file_id& file) {
  std::string key;
  append_big_endian(key, static_cast<std::uint64_t>(to_wire(at)));
  return std::move(key.append(file.str()));
}

std::optional<std::pair<timestamp, file_id>> split_unused_file_key(std::string_view key) {
  if (key.size() != time_bytes + id_bytes || !is_file_id(key.substr(time_bytes)))
    return {};
  const auto at = static_cast<std::int64_t>(big_endian_at(key));
  return std::pair{timestamp{std::chrono::milliseconds{at}},
                   file_id{std::string(key.substr(time_bytes))}};
}

std::string unsent_file_key(const user_id& by, const file_id& file) {
  return membership_prefix(by).append(file.str());
}

// --- Values --------------------------------------------------------------------------------------

std::string encode_row(const std::string& key, const stored_file& row) {
  packed_writer to;
  to.array(6).text(row.by.str()).integer(to_wire(row.at));
  pack_file(to, row.what);
  to.number(row.uses).number(row.sent ? 1 : 0).integer(to_wire(row.goes_at));
  return seal(model_table::files, key, std::move(to));
}

result<stored_file> decode_file(std::string_view key, std::string_view value) {
  return open_row<stored_file>(model_table::files, key, value,
                               [](packed_reader& from, stored_file& row) {
                                 expect(from, 6);
                                 row.by = user_id{std::string(from.text())};
                                 row.at = time_of(from);
                                 row.what = unpack_file(from);
                                 row.uses = from.number();
                                 row.sent = from.number() != 0;
                                 row.goes_at = time_of(from);
                               });
}

std::string encode_unsent(const std::string& key, std::uint64_t bytes) {
  packed_writer to;
  to.number(bytes);
  return seal(model_table::unsent_files, key, std::move(to));
}

result<std::uint64_t> decode_unsent(std::string_view key, std::string_view value) {
  return open_row<std::uint64_t>(
      model_table::unsent_files, key, value,
      [](packed_reader& from, std::uint64_t& row) { row = from.number(); });
}

std::string encode_row(const std::string& key, const hold_row& row) {
  packed_writer to;
  to.array(2).text(row.by.str()).integer(to_wire(row.at));
  return seal(model_table::holds, key, std::move(to));
}

result<hold_row> decode_hold(std::string_view key, std::string_view value) {
  return open_row<hold_row>(model_table::holds, key, value, [](packed_reader& from, hold_row& row) {
    expect(from, 2);
    row.by = user_id{std::string(from.text())};
    row.at = time_of(from);
  });
}

} // namespace parley
