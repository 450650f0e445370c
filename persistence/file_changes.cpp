// A file that is in no message has a time to go.
#include "persistence/file_changes.hpp"

#include <algorithm>

#include "actors/limits.hpp"

namespace parley {

result<std::optional<stored_file>*> file_changes::row_of(const file_id& file) {
  if (const auto known = rows_.find(file.str()); known != rows_.end())
    return &known->second;
  auto stored = base_.file(file);
  if (!stored)
    return stored.error();
  return &rows_.emplace(file.str(), std::move(*stored)).first->second;
}

outcome file_changes::add(const record& what) {
  auto found = row_of(what.file->file);
  if (!found)
    return found.error();
  stored_file row{*what.file, what.actor, what.at, 0, false, what.at + limits::unsent_file_stays};
  others_[{model_table::unused_files, unused_file_key(row.goes_at, row.what.file)}] = "1";
  const std::string unsent = unsent_file_key(row.by, row.what.file);
  others_[{model_table::unsent_files, unsent}] = encode_unsent(unsent, row.what.size);
  **found = std::move(row);
  return success();
}

/// It need not go at the time that was set.
void file_changes::stay(const stored_file& row) {
  others_[{model_table::unused_files, unused_file_key(row.goes_at, row.what.file)}].clear();
  if (!row.sent)
    others_[{model_table::unsent_files, unsent_file_key(row.by, row.what.file)}].clear();
}

outcome file_changes::use(const record& what) {
  for (const auto& each : what.files) {
    auto found = row_of(each);
    if (!found)
      return found.error();
    if (!**found)
      continue;
    stored_file& row = ***found;
    if (row.uses == 0)
      stay(row);
    row.sent = true;
    ++row.uses;
    others_[{model_table::file_uses, file_use_key(each, what.conversation, what.seq)}] = "1";
  }
  return success();
}

outcome file_changes::release(const file_id& file, const conversation_id& conversation,
                              sequence seq, timestamp at) {
  ++released_;
  others_[{model_table::file_uses, file_use_key(file, conversation, seq)}].clear();
  auto found = row_of(file);
  if (!found)
    return found.error();
  if (!**found || (**found)->uses == 0)
    return success();
  stored_file& row = ***found;
  if (--row.uses > 0)
    return success();
  row.goes_at = at + limits::unused_file_stays;
  others_[{model_table::unused_files, unused_file_key(row.goes_at, file)}] = "1";
  return success();
}

void file_changes::release_or_leave(const file_id& file, const conversation_id& conversation,
                                    sequence seq, timestamp at) {
  [[maybe_unused]] const auto told = release(file, conversation, seq, at); // or `check` names it
}

outcome file_changes::drop(const record& what) {
  for (const auto& each : what.files) {
    auto found = row_of(each);
    if (!found)
      return found.error();
    if (!**found || (**found)->uses > 0)
      continue;
    stay(***found);
    (*found)->reset();
  }
  return success();
}

void file_changes::write(write_transaction& to) const {
  std::map<std::string, const std::optional<stored_file>*> files;
  for (const auto& [key, row] : rows_)
    files.emplace(key, &row);
  for (const auto& [key, row] : files)
    *row ? to.put(index_of(model_table::files), key, encode_row(key, **row))
         : to.erase(index_of(model_table::files), key);
  for (const auto& [place, value] : others_)
    value.empty() ? to.erase(index_of(place.first), place.second)
                  : to.put(index_of(place.first), place.second, value);
}

} // namespace parley
