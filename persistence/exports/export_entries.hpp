// What an export is made of before it is a tar: documents, lines in parts, and files.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/errors.hpp"
#include "actors/export_receipts.hpp"
#include "actors/ids.hpp"

namespace parley {

/// A MessagePack map as a line of JSON, without a line feed.
using json_of_map = std::function<std::string(std::string_view map)>;

/// An entry with its bytes, or with those of a file.
struct export_entry {
  std::string name;
  std::string bytes;
  std::optional<file_id> file;
};

/// How much there is in an archive.
struct export_counts {
  std::uint64_t conversations = 0;
  std::uint64_t events = 0;
  std::uint64_t receipts = 0;
  std::uint64_t files = 0; ///< Named in it.
  std::uint64_t messages = 0;
  std::uint64_t in_conversations = 0;    ///< Those of which there are events.
  std::vector<export_range> ranges = {}; ///< The first limits::export_ranges_kept of these.
};

/// A number with zeros in front, so that names sort like what they name.
std::string numbered_for_export(std::uint64_t number);

/// Takes maps and files, gives entries. Lines of one name are cut into parts of about
/// limits::export_entry_bytes: `events-000001.jsonl`, `events-000002.jsonl`, ….
class export_entries {
public:
  explicit export_entries(json_of_map to_json) : to_json_(std::move(to_json)) {}

  /// A document of its own.
  void document(const std::string& name, std::string_view map);
  void line(const std::string& name, std::string_view map);
  void file(const std::string& name, const file_id& file);
  /// What there is of a conversation, once that is known; nothing when there are no events.
  void range(const export_range& what);
  /// There are no more lines of names that begin like this.
  void end(const std::string& prefix);

  std::optional<export_entry> take();
  /// Something could not be written as JSON.
  const std::optional<failure>& error() const noexcept { return error_; }
  export_counts counts;

private:
  struct part {
    std::string lines;
    unsigned number = 0;
  };
  std::string json(std::string_view map);
  void cut(const std::string& name, part& which);

  json_of_map to_json_;
  std::map<std::string, part> parts_;
  std::deque<export_entry> entries_;
  std::optional<failure> error_;
};

} // namespace parley
