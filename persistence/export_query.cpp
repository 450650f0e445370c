// Reads the receipts of exports.
#include "actors/limits_of_exports.hpp"
#include "persistence/queries.hpp"

namespace parley {

result<std::vector<std::string>> read_exports(const row_reader& rows,
                                              const std::optional<std::string>& id,
                                              const std::optional<std::string>& before) {
  std::vector<std::string> all;
  if (id) {
    auto row = rows.receipt_of_export(*id);
    if (!row)
      return row.error();
    if (*row)
      all.push_back(std::move((*row)->receipt));
    return all;
  }
  cursor at = rows.rows(model_table::exports);
  for (bool more = before ? at.seek_before(*before) : at.last();
       more && all.size() < limits::export_receipts_per_page; more = at.previous()) {
    auto row = decode_export(at.key(), at.value());
    if (!row)
      return row.error();
    all.push_back(std::move(row->receipt));
  }
  if (at.error())
    return *at.error();
  return all;
}

} // namespace parley
