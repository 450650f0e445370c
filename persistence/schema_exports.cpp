// Keys and values of the rows about exports.
#include "persistence/schema_exports.hpp"

#include "persistence/schema_values.hpp"

namespace parley {

std::string encode_row(const std::string& key, const export_row& row) {
  packed_writer to;
  to.array(1).binary(row.receipt);
  return seal(model_table::exports, key, std::move(to));
}

result<export_row> decode_export(std::string_view key, std::string_view value) {
  return open_row<export_row>(model_table::exports, key, value,
                              [](packed_reader& from, export_row& row) {
                                expect(from, 1);
                                if (auto read = export_in(from.binary()))
                                  row = std::move(*read);
                                else
                                  from.fail();
                              });
}

std::optional<export_row> export_in(std::string_view event) {
  packed_reader from{event};
  export_row row{std::string(event)};
  const std::size_t fields = from.map();
  for (std::size_t i = 0; i < fields && from.ok(); ++i) {
    const auto name = from.text();
    if (name == "export")
      row.id = std::string(from.text());
    else if (name == "by")
      row.by = user_id{std::string(from.text())};
    else if (name == "user")
      row.user = user_id{std::string(from.text())};
    else if (name == "position")
      row.until = position{from.number()};
    else
      from.skip();
  }
  return from.done() && !row.id.empty() ? std::optional{std::move(row)} : std::nullopt;
}

} // namespace parley
