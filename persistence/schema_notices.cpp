// Values of the rows about notifications and profiles.
#include <utility>

#include "persistence/schema_values.hpp"

namespace parley {

std::string encode_row(const std::string& key, const notice_row& row) {
  packed_writer to;
  to.array(7)
      .number(row.seq.value())
      .integer(to_wire(row.at))
      .number(row.quiet ? 1 : 0)
      .number(row.seen ? 1 : 0)
      .number(row.since.value())
      .number(row.behind.value())
      .number(row.joined ? 1 : 0);
  return seal(model_table::notices, key, std::move(to));
}

result<notice_row> decode_notice(std::string_view key, std::string_view value) {
  return open_row<notice_row>(model_table::notices, key, value,
                              [](packed_reader& from, notice_row& row) {
                                expect(from, 7);
                                row.seq = sequence{from.number()};
                                row.at = time_of(from);
                                row.quiet = from.number() != 0;
                                row.seen = from.number() != 0;
                                row.since = position{from.number()};
                                row.behind = sequence{from.number()};
                                row.joined = from.number() != 0;
                              });
}

std::string encode_row(const std::string& key, const tuning_row& row) {
  packed_writer to;
  to.array(2);
  pack_notification_settings(to, row.settings);
  to.number(row.seen.value());
  return seal(model_table::tunings, key, std::move(to));
}

result<tuning_row> decode_tuning(std::string_view key, std::string_view value) {
  return open_row<tuning_row>(model_table::tunings, key, value,
                              [](packed_reader& from, tuning_row& row) {
                                expect(from, 2);
                                row.settings = unpack_notification_settings(from);
                                row.seen = position{from.number()};
                              });
}

std::string encode_row(const std::string& key, const user_profile& row) {
  packed_writer to;
  pack_profile(to, row);
  return seal(model_table::profiles, key, std::move(to));
}

result<user_profile> decode_profile(std::string_view key, std::string_view value) {
  return open_row<user_profile>(
      model_table::profiles, key, value,
      [](packed_reader& from, user_profile& row) { row = unpack_profile(from); });
}

} // namespace parley
