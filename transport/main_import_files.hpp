// The files of an import: their bytes are copied into the store, and messages name them as lines
// do.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "actors/record.hpp"
#include "persistence/blob_store.hpp"
#include "persistence/store.hpp"

namespace parley {

using import_json = nlohmann::ordered_json; // the order of an application's own data stays

/// Files by the names that lines give them.
class imported_files {
public:
  /// Paths in lines begin at `from`.
  imported_files(std::filesystem::path from, std::shared_ptr<store> into)
      : from_(std::move(from)), into_(std::move(into)) {}

  /// Copies the file of a line `upload`. The record that says so, or null when the store has it; a
  /// `bad_request` or `not_found` for a line that cannot be taken.
  result<record_ptr> take(const import_json& line, std::string_view text, const user_id& by,
                          timestamp at);
  /// Puts ids in place of names.
  void name_in(import_json& send) const;

private:
  result<file_facts> described(const import_json& line, std::string_view text) const;
  outcome copy(const std::filesystem::path& file, file_facts& what);

  std::filesystem::path from_;
  std::shared_ptr<store> into_;
  std::shared_ptr<blob_store> blobs_; ///< Made for the first file.
  std::map<std::string, file_id> names_;
};

} // namespace parley
