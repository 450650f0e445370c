// Files against the messages that they are in, and against their bytes.
#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include "persistence/blob_store.hpp"
#include "persistence/check_tables.hpp"
#include "persistence/event_facts.hpp"

namespace parley {

namespace {

class file_check {
public:
  file_check(const row_reader& rows, check_report& report) : rows_(rows), report_(report) {}

  void see(std::string_view key, const stored_file& row) {
    if (row.what.file.str() != key || !is_file_id(key))
      return report_.problem(model_table::files, key, "has a bad key");
    if (count_uses(key) != row.uses)
      report_.problem(model_table::files, key, "counts other messages than it is in");
    if (row.uses > 0 && !row.sent)
      report_.problem(model_table::files, key, "is in messages and was never sent");
    unused_ += row.uses == 0 ? 1 : 0;
    unsent_ += row.sent ? 0 : 1;
  }

  void see_use(std::string_view key) {
    const auto place = split_file_use_key(key);
    if (!place)
      return report_.problem(model_table::file_uses, key, "has a bad key");
    const auto stored = rows_.file(place->file);
    if (look(stored, report_) == nullptr)
      report_.problem(model_table::file_uses, key, "is of no file");
    if (is_deleted(rows_, place->conversation, report_))
      return;
    const auto told = rows_.event(place->conversation, place->message);
    const auto* event = look(told, report_);
    const auto facts = event ? facts_of(event->event) : std::nullopt;
    const bool names_it =
        facts && event->kind == record_kind::message &&
        std::find(facts->files.begin(), facts->files.end(), place->file) != facts->files.end();
    if (!names_it)
      report_.problem(model_table::file_uses, key, "is of no message with this file");
  }

  void see_unused(std::string_view key) {
    const auto place = split_unused_file_key(key);
    const auto stored = place ? rows_.file(place->second) : std::optional<stored_file>{};
    const auto* file = look(stored, report_);
    if (file == nullptr || file->uses > 0 || file->goes_at != place->first)
      report_.problem(model_table::unused_files, key, "is of no file that goes then");
    else
      --unused_;
  }

  void see_unsent(std::string_view key, std::uint64_t bytes) {
    const auto place = split_membership_key(key); // a user, and an id
    const auto stored =
        place ? rows_.file(file_id{place->second.str()}) : std::optional<stored_file>{};
    const auto* file = look(stored, report_);
    if (file == nullptr || file->sent || file->by != place->first || file->what.size != bytes)
      report_.problem(model_table::unsent_files, key, "is of no file that was never sent");
    else
      --unsent_;
  }

  void finish() {
    if (unused_ != 0)
      report_.problem(model_table::unused_files, "", "has not all files that are in no message");
    if (unsent_ != 0)
      report_.problem(model_table::unsent_files, "", "has not all files that were never sent");
  }

private:
  std::uint64_t count_uses(std::string_view file) {
    std::uint64_t count = 0;
    cursor at = rows_.rows(model_table::file_uses);
    for (bool more = at.seek(std::string(file)); more && at.key().starts_with(file);
         more = at.next())
      ++count;
    return count;
  }

  const row_reader& rows_;
  check_report& report_;
  std::int64_t unused_ = 0; ///< Files that are in no message and whose row was not seen yet.
  std::int64_t unsent_ = 0;
};

/// Each key of a table that has no sums.
template <class See>
void each_key(const row_reader& rows, model_table table, check_report& report, See&& see) {
  cursor at = rows.rows(table);
  for (bool more = at.first(); more; more = at.next())
    see(at.key());
  if (at.error())
    report.problem(*at.error());
}

bool has_its_bytes(const std::filesystem::path& data, const stored_file& row) {
  std::error_code code;
  const auto bytes = std::filesystem::file_size(blob_path(data / "files", row.what.file), code);
  return !code && bytes == row.what.size;
}

} // namespace

void check_files(const row_reader& rows, check_report& report) {
  file_check checking{rows, report};
  check_each(rows, model_table::files, report, decode_file,
             [&](std::string_view key, const stored_file& row) { checking.see(key, row); });
  each_key(rows, model_table::file_uses, report,
           [&](std::string_view key) { checking.see_use(key); });
  each_key(rows, model_table::unused_files, report,
           [&](std::string_view key) { checking.see_unused(key); });
  check_each(rows, model_table::unsent_files, report, decode_unsent,
             [&](std::string_view key, std::uint64_t bytes) { checking.see_unsent(key, bytes); });
  checking.finish();
}

std::vector<file_id> files_without_bytes(const row_reader& rows,
                                         const std::filesystem::path& data) {
  std::vector<file_id> found;
  cursor at = rows.rows(model_table::files);
  for (bool more = at.first(); more; more = at.next())
    if (const auto row = decode_file(at.key(), at.value()); row && !has_its_bytes(data, *row))
      found.push_back(row->what.file);
  return found;
}

void check_bytes_again(const row_reader& rows, const std::filesystem::path& data,
                       const std::vector<file_id>& files, check_report& report) {
  for (const auto& each : files) {
    const auto stored = rows.file(each);
    const auto* row = look(stored, report);
    if (row != nullptr && !has_its_bytes(data, *row))
      report.problem(model_table::files, each.str(), "has not the bytes that it should have");
  }
}

} // namespace parley
